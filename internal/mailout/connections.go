package mailout

import (
	"context"
	"errors"
	"sync"
	"time"

	"frontdesk/internal/mail"
)

const (
	mailsPerConnection = 50
	connectionIdle     = 10 * time.Second // after which a connection is not used again
	connectionsEach    = 2                // of a replica to the server of a mailbox
	slotWait           = time.Second      // for a connection, so that a slow server does not occupy all workers
	serverPause        = 30 * time.Second // after the server did not answer
)

// connections has the connections of this replica to the server of a mailbox.
type connections struct {
	slots chan struct{}

	mu    sync.Mutex
	idle  []idleSession
	until time.Time // end of the pause of the server
	noted time.Time // when the success of a mail was recorded last
}

type idleSession struct {
	*mail.Session
	server mail.Server
	since  time.Time
}

// connections returns the connections of a mailbox.
func (m *Sender) connections(mailboxID int64) *connections {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.byMailbox[mailboxID]
	if c == nil {
		c = &connections{slots: make(chan struct{}, connectionsEach)}
		m.byMailbox[mailboxID] = c
	}
	return c
}

// take waits for a free connection. It returns false if none is free for some time.
func (c *connections) take(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, slotWait)
	defer cancel()
	select {
	case c.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (c *connections) leave() { <-c.slots }

// wait returns how long the server is still paused, or 0.
func (c *connections) wait() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(0, time.Until(c.until))
}

// pause stops attempts for some time after the server did not answer.
func (c *connections) pause() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = time.Now().Add(serverPause)
}

// send sends one message on a connection that is open, or on a new one.
func (c *connections) send(ctx context.Context, server mail.Server, limits mail.Timeouts, e mail.Envelope) (mail.Result, error) {
	if s := c.reuse(server); s != nil {
		result, err := s.Send(ctx, e)
		c.keep(s, server)
		if !closedWhileIdle(err) {
			return result, err
		}
	}
	s, err := mail.Dial(ctx, server, limits)
	if err != nil {
		return mail.Result{}, err
	}
	result, err := s.Send(ctx, e)
	c.keep(s, server)
	return result, err
}

// closedWhileIdle reports whether a message failed at its first step because the server had closed
// the connection.
func closedWhileIdle(err error) bool {
	var f *mail.Failure
	return errors.As(err, &f) && f.Step == mail.StepSender && f.Outcome == mail.TryServerLater
}

// reuse returns an idle connection, or nil.
func (c *connections) reuse(server mail.Server) *mail.Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.idle) > 0 {
		last := c.idle[len(c.idle)-1]
		c.idle = c.idle[:len(c.idle)-1]
		if last.server == server && time.Since(last.since) < connectionIdle {
			return last.Session
		}
		go last.Close()
	}
	return nil
}

// keep stores a connection for the next message, or closes it.
func (c *connections) keep(s *mail.Session, server mail.Server) {
	if !s.Usable(mailsPerConnection) {
		go s.Close()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, idleSession{s, server, time.Now()})
}

// closeIdle closes connections that were not used for some time, or all of them.
func (c *connections) closeIdle(all bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := c.idle[:0]
	for _, s := range c.idle {
		if !all && time.Since(s.since) < connectionIdle {
			kept = append(kept, s)
			continue
		}
		go s.Close()
	}
	c.idle = kept
}

// shouldNote reports whether a success should be recorded, which is done at most once in
// connectionIdle.
func (c *connections) shouldNote() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.noted) < connectionIdle {
		return false
	}
	c.noted = time.Now()
	return true
}
