package desk

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
	lineWait           = time.Second      // for a connection, so that a slow server does not occupy all workers
	serverPause        = 30 * time.Second // after the server did not answer
)

// mailLine has the connections of this replica to the server of a mailbox.
type mailLine struct {
	slots chan struct{}

	mu    sync.Mutex
	idle  []idleSession
	until time.Time // the server is not tried before
	noted time.Time // when the success of a mail was recorded last
}

type idleSession struct {
	*mail.Session
	server mail.Server
	since  time.Time
}

// line returns the connections of a mailbox.
func (m *Mail) line(mailboxID int64) *mailLine {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.lines[mailboxID]
	if l == nil {
		l = &mailLine{slots: make(chan struct{}, connectionsEach)}
		m.lines[mailboxID] = l
	}
	return l
}

// take waits for a free connection. It returns false if none is free for some time.
func (l *mailLine) take(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, lineWait)
	defer cancel()
	select {
	case l.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (l *mailLine) leave() { <-l.slots }

// wait returns how long the server is not tried.
func (l *mailLine) wait() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, time.Until(l.until))
}

// pause stops attempts for some time after the server did not answer.
func (l *mailLine) pause() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = time.Now().Add(serverPause)
}

// send sends one message on a connection that is open, or on a new one.
func (l *mailLine) send(ctx context.Context, server mail.Server, limits mail.Timeouts, e mail.Envelope) (mail.Result, error) {
	if s := l.reuse(server); s != nil {
		result, err := s.Send(ctx, e)
		l.keep(s, server)
		if !closedWhileIdle(err) {
			return result, err
		}
	}
	s, err := mail.Dial(ctx, server, limits)
	if err != nil {
		return mail.Result{}, err
	}
	result, err := s.Send(ctx, e)
	l.keep(s, server)
	return result, err
}

// closedWhileIdle reports whether a message failed at its first step because the server had closed
// the connection.
func closedWhileIdle(err error) bool {
	var f *mail.Failure
	return errors.As(err, &f) && f.Step == mail.StepSender && f.Fate == mail.TryServerLater
}

// reuse returns an idle connection, or nil.
func (l *mailLine) reuse(server mail.Server) *mail.Session {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.idle) > 0 {
		last := l.idle[len(l.idle)-1]
		l.idle = l.idle[:len(l.idle)-1]
		if last.server == server && time.Since(last.since) < connectionIdle {
			return last.Session
		}
		go last.Close()
	}
	return nil
}

// keep stores a connection for the next message, or closes it.
func (l *mailLine) keep(s *mail.Session, server mail.Server) {
	if !s.Usable(mailsPerConnection) {
		go s.Close()
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle = append(l.idle, idleSession{s, server, time.Now()})
}

// closeIdle closes connections that were not used for some time, or all of them.
func (l *mailLine) closeIdle(all bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := l.idle[:0]
	for _, s := range l.idle {
		if !all && time.Since(s.since) < connectionIdle {
			kept = append(kept, s)
			continue
		}
		go s.Close()
	}
	l.idle = kept
}

// shouldNote reports whether a success should be recorded: not for each of many mails.
func (l *mailLine) shouldNote() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.noted) < connectionIdle {
		return false
	}
	l.noted = time.Now()
	return true
}
