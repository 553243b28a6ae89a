//go:build race

package main

// grownMost is how many MiB a server may grow by while it streams. The race
// detector's own books take several times what they are about.
const grownMost = 200
