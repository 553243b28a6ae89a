package trials

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/cmd/faults/internal/comparison"
	"frontdesk/cmd/faults/internal/fault"
	"frontdesk/cmd/faults/internal/people"
	"frontdesk/cmd/faults/internal/testbed"
)

// connect connects to the database of a running desk.
func connect(ctx context.Context, d *testbed.Desk) (*pgx.Conn, error) {
	url, err := d.DatabaseURL()
	if err != nil {
		return nil, err
	}
	return pgx.Connect(ctx, url)
}

// lockTables locks the log, so that every statement of the desk that reads it waits for its
// timeout, and all connections of its pool are in use.
func lockTables(ctx context.Context, s *Stage) (comparison.Row, error) {
	conn, err := connect(ctx, s.Desk)
	if err != nil {
		return comparison.Row{}, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return during(fault.Fault{
		Begin: func(ctx context.Context) error {
			_, err := conn.Exec(ctx, "begin; lock table ticket_events in access exclusive mode")
			return err
		},
		Lasts: 4 * time.Second,
		End: func(ctx context.Context) error {
			_, err := conn.Exec(ctx, "rollback")
			return err
		},
	})(ctx, s)
}

// killListen ends the connection that receives the notifications of the database.
func killListen(ctx context.Context, s *Stage) (comparison.Row, error) {
	conn, err := connect(ctx, s.Desk)
	if err != nil {
		return comparison.Row{}, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	f := fault.Fault{Begin: func(ctx context.Context) error {
		_, err := conn.Exec(ctx, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'frontdesk listen'")
		return err
	}}
	return s.talk(ctx, play{faults: []fault.Fault{f}, recovery: (*people.Crowd).Deliveries})
}
