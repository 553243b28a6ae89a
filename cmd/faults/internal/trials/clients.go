package trials

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"frontdesk/cmd/faults/internal/client"
	"frontdesk/cmd/faults/internal/comparison"
	"frontdesk/cmd/faults/internal/fault"
)

// clientTrials are trials of clients that overload the desk. Other people must not notice them.
var clientTrials = []Trial{
	{Name: "slow clients", Note: "300 connections that send a byte of a header or body at a time; those of headers must be closed within 7 s", Soak: true, Long: true, Run: slowClients},
	{Name: "parallel uploads", Note: "120 files of 256 KiB at once, by four people", Long: true, Run: parallelUploads},
	{Name: "login storm", Note: "60 sign-ins at once, half of them with a wrong password", Long: true, Run: loginStorm},
	{Name: "flooding client", Note: "sockets that send messages without a pause; at most 20 and 10 a second may be taken, and they must be closed", Soak: true, Run: flood},
	{Name: "stuck reader", Note: "a socket that reads nothing during 4 MB of messages; it must be closed", Long: true, Run: stuckReader},
}

// beside returns the row of a trial in which f must not disturb people who talk meanwhile.
func (s *Stage) beside(ctx context.Context, f func(context.Context) error) (comparison.Row, error) {
	row, err := s.talk(ctx, play{faults: []fault.Fault{{Begin: f}}, steady: true})
	row.Limits.Recovery = 0 // there is no fault of the desk to recover from
	return row, err
}

// slowConnections is the number of connections of each kind.
const slowConnections = 150

// slowClients opens connections that are slow with their headers, and some with their body.
func slowClients(ctx context.Context, s *Stage) (comparison.Row, error) {
	address := strings.TrimPrefix(s.Desk.Base, "http://")
	return s.beside(ctx, func(ctx context.Context) error {
		var open atomic.Int64
		ctx, cancel := context.WithTimeout(ctx, 7*time.Second)
		defer cancel()
		err := atOnce(2*slowConnections, func(i int) error {
			if i%2 == 1 {
				_, err := dribble(ctx, address, "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n")
				return err
			}
			closed, err := dribble(ctx, address, "GET /login HTTP/1.1\r\nHost: x\r\nX-Slow: ")
			if !closed {
				open.Add(1)
			}
			return err
		})
		if open.Load() > 0 {
			err = errors.Join(err, fmt.Errorf("%d of %d connections with an unfinished header are open after 7 s", open.Load(), slowConnections))
		}
		return err
	})
}

// dribble opens a connection, sends the beginning of a request, and then a byte every 300 ms until
// the desk closes the connection or ctx ends. It reports whether the desk closed it.
func dribble(ctx context.Context, address, beginning string) (closed bool, err error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return false, err
	}
	defer conn.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = conn.Read(make([]byte, 1)) // an answer counts as an end: it is 408 or 400
	}()
	for part := beginning; ; part = "a" {
		if _, err := conn.Write([]byte(part)); err != nil {
			return true, nil
		}
		select {
		case <-ended:
			return true, nil
		case <-ctx.Done():
			return false, nil
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// loginStorm sends many sign-ins at the same time.
func loginStorm(ctx context.Context, s *Stage) (comparison.Row, error) {
	if _, _, _, err := s.signIn(ctx); err != nil { // so that the accounts exist
		return comparison.Row{}, err
	}
	var forbidden atomic.Int64
	f := fault.Fault{Begin: func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, deadline)
		defer cancel()
		visitor := client.New(s.Desk.Base)
		return atOnce(60, func(i int) error {
			wrong := i%2 == 1
			form := url.Values{"email": {fmt.Sprintf("customer%d@faults.example", i%rooms)}, "password": {"a password for faults 2026"}}
			if wrong {
				form.Set("password", "not the password of faults")
			}
			a, err := visitor.Form(ctx, "/login", form)
			if err != nil {
				return err
			}
			switch signedIn := client.SessionOf(a) != "" && a.Status == http.StatusSeeOther; {
			case wrong && signedIn:
				forbidden.Add(1)
			case !wrong && !signedIn && a.Status < 500 && a.Status != http.StatusTooManyRequests:
				return fmt.Errorf("sign in with the right password: answered %d", a.Status)
			}
			return nil
		})
	}}
	row, err := during(f)(ctx, s)
	row.Forbidden += int(forbidden.Load())
	return row, err
}
