package trials

import (
	"context"
	"strings"
	"time"

	"frontdesk/cmd/faults/internal/comparison"
	"frontdesk/cmd/faults/internal/fault"
	"frontdesk/cmd/faults/internal/proxy"
)

// networkTrials are faults of the network.
var networkTrials = []Trial{
	{Name: "connections cut", Note: "a TCP proxy resets all sockets and requests every 150 ms for 2 s", Soak: true, Run: cutConnections},
}

// cutConnections lets people reach the desk through a proxy that cuts their connections.
func cutConnections(ctx context.Context, s *Stage) (comparison.Row, error) {
	p, err := proxy.New(strings.TrimPrefix(s.Desk.Base, "http://"))
	if err != nil {
		return comparison.Row{}, err
	}
	defer p.Close()
	cut := func() error {
		p.Cut()
		return nil
	}
	f := fault.Fault{Begin: repeated(2*time.Second, 150*time.Millisecond, cut)}
	return s.talk(ctx, play{bases: []string{p.Base()}, faults: []fault.Fault{f}})
}
