//go:build !race

package main

// grownMost is the maximum growth of the memory of a server while it streams, in MiB.
const grownMost = 32
