package works

import (
	"context"
	"time"

	"github.com/gorilla/websocket"

	"frontdesk/internal/process"
)

// watched records whether and when a socket that reads nothing was closed.
type watched struct {
	closed bool
	after  time.Duration // from the moment when the kernel's buffers were full until it was closed
	peak   int64         // highest memory of the program meanwhile, in bytes
}

// watchSocket watches the server's end of a socket until it is closed. The other end does not
// notice a close while it reads nothing.
func watchSocket(ctx context.Context, p *process.Program, conn *websocket.Conn) <-chan watched {
	out := make(chan watched, 1)
	go func() {
		var w watched
		full, queued := time.Now(), int64(0)
		for started := time.Now(); ctx.Err() == nil && time.Since(started) < 2*stuckTimeout; time.Sleep(10 * time.Millisecond) {
			w.peak = max(w.peak, process.StatusOf(p.PID(), "VmRSS:"))
			open, n := process.EndOf(conn.RemoteAddr(), conn.LocalAddr())
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
