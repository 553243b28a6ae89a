package trials

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"frontdesk/cmd/faults/internal/comparison"
	"frontdesk/cmd/faults/internal/fault"
)

// programTrials are faults of the program.
var programTrials = []Trial{
	{Name: "program killed", Note: "kill -9 of the program while people write; it is started again", Soak: true,
		Run: func(ctx context.Context, s *Stage) (comparison.Row, error) {
			return during(fault.Fault{Begin: func(context.Context) error { return s.Desk.Kill() }, End: s.start})(ctx, s)
		}},
	{Name: "program stopped", Note: "SIGTERM with open sockets and eight uploads half sent; it must exit with status 0, and is started again", Soak: true, Run: stopDuringUploads},
	{Name: "program frozen", Note: "SIGSTOP of the program for 3 s, then SIGCONT", Soak: true, Long: true,
		Run: func(ctx context.Context, s *Stage) (comparison.Row, error) {
			signal := func(sig syscall.Signal) func(context.Context) error {
				return func(context.Context) error { return syscall.Kill(s.Desk.PID(), sig) }
			}
			return during(fault.Fault{Begin: signal(syscall.SIGSTOP), Lasts: 3 * time.Second, End: signal(syscall.SIGCONT)})(ctx, s)
		}},
}

// start starts the desk of the stage.
func (s *Stage) start(context.Context) error { return s.Desk.Start() }

// databaseTrials are faults of the database.
var databaseTrials = []Trial{
	{Name: "database killed", Note: "kill -9 of PostgreSQL while people write; the program starts it again", Soak: true,
		Run: func(ctx context.Context, s *Stage) (comparison.Row, error) {
			return during(fault.Fault{Begin: s.signalDatabase(syscall.SIGKILL)})(ctx, s)
		}},
	frozen(5*time.Second, false),
	frozen(20*time.Second, true),
	{Name: "tables locked", Note: "a transaction locks the log for 4 s, so that all connections wait", Soak: true, Long: true, Run: lockTables},
	{Name: "LISTEN killed", Note: "the connection that listens for notifications is ended; R is until the next live message", Soak: true, Run: killListen},
}

// frozen returns the trial in which all processes of the database are stopped (SIGSTOP) for a time.
func frozen(d time.Duration, long bool) Trial {
	return Trial{Name: fmt.Sprintf("database frozen %.0f s", d.Seconds()), Note: "SIGSTOP of all processes of PostgreSQL, then SIGCONT", Soak: true, Long: long,
		Run: func(ctx context.Context, s *Stage) (comparison.Row, error) {
			return during(fault.Fault{Begin: s.signalDatabase(syscall.SIGSTOP), Lasts: d, End: s.signalDatabase(syscall.SIGCONT)})(ctx, s)
		}}
}

// signalDatabase returns a function that sends a signal to the database of the stage.
func (s *Stage) signalDatabase(sig syscall.Signal) func(context.Context) error {
	return func(context.Context) error { return s.Desk.SignalDatabase(sig) }
}
