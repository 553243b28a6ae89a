// Command faults breaks a desk in many ways while people talk on it, and reports what was lost,
// doubled or shown in another order. It exits with status 1 if a figure is above its limit.
// docs/faults.md describes it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"frontdesk/cmd/faults/internal/journal"
	"frontdesk/internal/postgres"
)

func main() {
	postgres.RunFetchChild()
	if len(os.Args) == 3 && os.Args[1] == "journal" {
		exit(journal.Serve(os.Args[2], os.Stdin, os.Stdout))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) > 1 && os.Args[1] == "cluster" {
		exit(runCluster(ctx, os.Args[2:]))
	}
	o, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(0)
	}
	if err != nil {
		exit(err)
	}
	exit(run(ctx, o))
}

// exit ends the program.
func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
	os.Exit(0)
}
