//go:build race

package main

// grownMost is the maximum growth of the memory of a server while it streams, in MiB. The data
// of the race detector takes several times the memory of the program.
const grownMost = 200
