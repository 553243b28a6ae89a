// Command faults breaks a desk in many ways while people talk on it, and reports what was lost,
// doubled or shown in another order.
package main

import (
	"fmt"
	"os"

	"frontdesk/cmd/faults/internal/journal"
	"frontdesk/internal/postgres"
)

func main() {
	postgres.RunFetchChild()
	if len(os.Args) == 3 && os.Args[1] == "journal" {
		exit(journal.Serve(os.Args[2], os.Stdin, os.Stdout))
	}
	exit(fmt.Errorf("usage: faults journal FILE"))
}

// exit ends the program.
func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
	os.Exit(0)
}
