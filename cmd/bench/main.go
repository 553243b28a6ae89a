// Command bench measures the speed of the desk in turns with its limits: it starts a PostgreSQL and
// the real program, seeds a large desk, loads it and prints one table. It asserts no figure, so it
// fails no build. docs/speed.md describes what each work measures.
package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"

	"frontdesk/cmd/bench/internal/limit"
	"frontdesk/cmd/bench/internal/report"
	"frontdesk/cmd/bench/internal/works"
	"frontdesk/internal/postgres"
)

func main() {
	postgres.RunFetchChild()
	if served, err := limit.Serve(os.Args[1:]); served {
		exit(err)
	}
	debug.SetGCPercent(400) // the figures depend on the CPU time of the load, but not on its memory
	o, err := parse(os.Args[1:])
	if err != nil {
		exit(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r, err := measure(ctx, o)
	if err == nil || !r.Empty() { // if a work failed, print the results of the others
		err = cmp.Or(write(r, o), err)
	}
	exit(err)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// measure runs the works, or reads the report of an earlier run.
func measure(ctx context.Context, o options) (report.Report, error) {
	if o.From != "" {
		return report.Read(o.From)
	}
	return works.Run(ctx, o.Options)
}

func write(r report.Report, o options) error {
	switch {
	case o.JSON:
		return r.WriteJSON(os.Stdout)
	case o.Into != "":
		return r.WriteInto(o.Into)
	}
	return r.WriteText(os.Stdout)
}
