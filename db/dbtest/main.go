package dbtest

import (
	"flag"
	"runtime"
	"strconv"
	"testing"
)

// Main runs the tests of a package and returns the exit code. Unless the flag -parallel is given,
// the number of parallel tests is one and a half times that of processors, because tests wait for
// the database and for sockets half of the time.
func Main(m *testing.M) int {
	flag.Parse()
	isGiven := false
	flag.Visit(func(f *flag.Flag) { isGiven = isGiven || f.Name == "test.parallel" })
	if !isGiven {
		if err := flag.Set("test.parallel", strconv.Itoa((3*runtime.GOMAXPROCS(0)+1)/2)); err != nil {
			panic(err)
		}
	}
	return m.Run()
}
