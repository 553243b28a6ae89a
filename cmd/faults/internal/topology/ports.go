package topology

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"syscall"
)

// freePort returns a free TCP port below those that the kernel gives to outgoing connections, so that a program
// can have it again after it was killed.
func freePort() (int, error) {
	for range 1000 {
		port := 10000 + rand.IntN(20000)
		l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no free port was found")
}

// isReset reports whether a connection was reset by its other end.
func isReset(err error) bool { return errors.Is(err, syscall.ECONNRESET) }
