package works

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"frontdesk/internal/process"
)

// watched is what happened to a socket that reads nothing.
type watched struct {
	closed bool
	after  time.Duration // from the moment when the kernel's buffers were full until it was closed
	peak   int64         // highest memory of the program meanwhile, in bytes
}

// watchSocket watches the server's end of a socket until it is closed: a close does
// not show at the other end while that reads nothing.
func watchSocket(ctx context.Context, p *process.Program, conn *websocket.Conn) <-chan watched {
	out := make(chan watched, 1)
	go func() {
		var w watched
		full, queued := time.Now(), int64(0)
		for started := time.Now(); ctx.Err() == nil && time.Since(started) < 2*stuckPatience; time.Sleep(10 * time.Millisecond) {
			w.peak = max(w.peak, process.StatusOf(p.PID(), "VmRSS:"))
			open, n := endOf(conn.RemoteAddr(), conn.LocalAddr())
			if !open {
				w.closed, w.after = true, time.Since(full)
				break
			}
			if n > queued {
				full, queued = time.Now(), n
			}
		}
		out <- w
	}()
	return out
}

// endOf reads from /proc/net/tcp whether the end of a connection at local is open,
// and how many bytes wait there to be received by the other end.
func endOf(local, remote net.Addr) (open bool, queued int64) {
	const established = "01"
	raw, _ := os.ReadFile("/proc/net/tcp") // if it cannot be read, the end counts as closed
	for line := range bytes.Lines(raw) {
		f := strings.Fields(string(line))
		if len(f) > 4 && f[1] == hexAddr(local) && f[2] == hexAddr(remote) {
			waiting, _, _ := strings.Cut(f[4], ":")
			queued, _ = strconv.ParseInt(waiting, 16, 64)
			return f[3] == established, queued
		}
	}
	return false, 0
}

// hexAddr returns an IPv4 address as /proc/net/tcp writes it on a little-endian machine.
func hexAddr(a net.Addr) string {
	tcp := a.(*net.TCPAddr)
	ip := tcp.IP.To4()
	return fmt.Sprintf("%02X%02X%02X%02X:%04X", ip[3], ip[2], ip[1], ip[0], tcp.Port)
}
