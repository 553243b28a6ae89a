//go:build killpoints

// Package killpoint marks the steps of a command at which tests kill the program.
package killpoint

import (
	"fmt"
	"os"
)

// Reach prints "killpoint: " and the name of a step to standard error if the variable
// KILLPOINT is this name or *. In the first case it then waits until standard input ends,
// so that a test can kill the program at this step, or let it continue.
func Reach(name string) {
	wanted := os.Getenv("KILLPOINT")
	if wanted != name && wanted != "*" {
		return
	}
	fmt.Fprintln(os.Stderr, "killpoint:", name)
	if wanted == name {
		_, _ = os.Stdin.Read(make([]byte, 1)) // nothing is written to it
	}
}
