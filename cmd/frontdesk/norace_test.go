//go:build !race

package main

// grownMost is how many MiB a server may grow by while it streams.
const grownMost = 32
