package works

import (
	"context"
	"fmt"

	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/report"
	"frontdesk/cmd/bench/internal/testbed"
	"frontdesk/internal/process"
)

// others loads the REST API of another server. There is no comparison with a limit, because
// its database cannot be reached. The cost is of its process, if /proc shows it.
func (b *bench) others(ctx context.Context) error {
	addr, err := loopback(b.Against)
	if err != nil {
		return err
	}
	g, err := newGuest(ctx, addr)
	if err != nil {
		return err
	}
	pid := process.ListenerOf(addr)
	for _, w := range []struct {
		name    string
		request func(conn, n int) []byte
	}{
		{"api, list of 50", func(int, int) []byte { return load.Call("GET", "/api/tickets", g.token, "", "") }},
		{"api, one ticket", func(int, int) []byte { return load.Call("GET", g.ticket(0), g.token, "", "") }},
		{"api, post a comment", func(conn, _ int) []byte {
			return load.Call("POST", g.ticket(conn)+"/comments", g.token, "", `{"text":"`+commentText+`"}`)
		}},
		{"api, sign in", func(int, int) []byte { return signInCall(g.email, testbed.Password) }},
	} {
		rows, err := b.inTurns(func() (report.Row, error) {
			return costOf(w.name, pid, 0, func() (load.Sample, error) {
				return load.HTTP{Addr: addr, Conns: b.Conns, Seconds: b.Seconds, Request: w.request}.Run(ctx)
			})
		})
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		b.add(rows...)
	}
	return b.othersWhole(ctx, addr, pid)
}

// othersWhole fetches the whole list, if --email names a member of staff.
func (b *bench) othersWhole(ctx context.Context, addr string, pid int) error {
	if b.Email == "" {
		b.add(report.Row{Work: wholeName, Value: "not measured: --email and --password name no admin"})
		return nil
	}
	staff, err := load.Token(addr, b.Email, b.Password)
	if err != nil {
		return err
	}
	rows, err := b.inTurns(func() (report.Row, error) {
		return wholeRow(wholeName, pid, 0, func() (report.Row, error) { return b.fetchAll(ctx, addr, "/api/tickets", staff) })
	})
	b.add(rows...)
	return err
}
