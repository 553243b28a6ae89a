package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"frontdesk/cmd/faults/internal/client"
	"frontdesk/cmd/faults/internal/journal"
)

// Person is a user who is on one ticket.
type Person struct {
	crowd  *Crowd
	name   string
	token  string
	ticket int64
	http   http.Client
	dial   websocket.Dialer

	connected chan struct{} // closed when the first socket is open
	answers   chan answer

	mu    sync.Mutex
	base  int // index of the address that is used
	conn  *websocket.Conn
	last  int64 // the last seq that was received
	items []Item
	wrote int
}

// newPerson returns the i-th person of the crowd.
func (c *Crowd) newPerson(i int) *Person {
	dialer := &net.Dialer{Timeout: 3 * time.Second}
	if strings.Contains(c.opts.Bases[0], "127.0.0.1") {
		// A desk allows 200 sockets for an address, so each person comes from one of their own.
		dialer.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 0, byte(1+i/250), byte(1+i%250))}
	}
	return &Person{crowd: c, name: fmt.Sprintf("%s-%d", c.name, i), base: i % len(c.opts.Bases),
		http: http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 2}},
		dial: websocket.Dialer{NetDialContext: dialer.DialContext, HandshakeTimeout: 5 * time.Second, ReadBufferSize: 2048, WriteBufferSize: 512},

		wrote: i % 10, // so that not all people write their files at the same time

		connected: make(chan struct{}), answers: make(chan answer, 100)}
}

// address returns the address of the desk that the person uses.
func (p *Person) address() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.crowd.opts.Bases[p.base]
}

// moveOn makes the person use the next address.
func (p *Person) moveOn() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.base = (p.base + 1) % len(p.crowd.opts.Bases)
}

// seq returns the last seq that the person received.
func (p *Person) seq() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// signIn gets a token.
func (p *Person) signIn(ctx context.Context, a Account) error {
	body, err := json.Marshal(map[string]string{"email": a.Email, "password": a.Password})
	if err != nil {
		return err
	}
	var out struct{ Token string }
	if err := p.request(ctx, "/api/auth/login", rand.Text(), "application/json", body, &out); err != nil {
		return fmt.Errorf("sign in as %s: %w", a.Email, err)
	}
	p.token = out.Token
	return nil
}

// openTicket opens the ticket of the room.
func (p *Person) openTicket(ctx context.Context) error {
	body, err := json.Marshal(map[string]string{"subject": "Talk of " + p.name, "description": "About faults.", "priority": "Medium", "category": "Billing"})
	if err != nil {
		return err
	}
	var out struct{ ID int64 }
	if err := p.request(ctx, "/api/tickets", rand.Text(), "application/json", body, &out); err != nil {
		return fmt.Errorf("open a ticket: %w", err)
	}
	p.ticket = out.ID
	return nil
}

// talk writes one thing after another until [Crowd.Finish].
func (p *Person) talk(ctx context.Context) {
	for {
		select {
		case <-p.crowd.done:
			return
		case <-ctx.Done():
			return
		case <-time.After(p.crowd.opts.Pace/2 + mathrand.N(p.crowd.opts.Pace)):
		}
		if err := p.write(ctx); err != nil && ctx.Err() == nil {
			p.crowd.mu.Lock()
			p.crowd.refusals = append(p.crowd.refusals, fmt.Errorf("%s: %w", p.name, err))
			p.crowd.mu.Unlock()
		}
	}
}

// write writes a message, a comment or a file until it is acknowledged, and records it.
func (p *Person) write(ctx context.Context) error {
	p.wrote++
	key, text := rand.Text(), fmt.Sprintf("%s %d at %d", p.name, p.wrote, time.Now().UnixNano())
	switch {
	case p.crowd.opts.Files && p.wrote%10 == 0:
		return p.writeFile(ctx, key)
	case p.wrote%3 == 0:
		return p.keep(ctx, journal.Comment, text, func() (int64, error) { return p.comment(ctx, key, text) })
	}
	return p.keep(ctx, journal.Message, text, func() (int64, error) { return p.say(ctx, key, text) })
}

// keep calls send until it does not return errAgain or ctx ends, and records the acknowledged write.
func (p *Person) keep(ctx context.Context, kind, text string, send func() (seq int64, err error)) error {
	wait := 20 * time.Millisecond
	for {
		begun := time.Now()
		seq, err := send()
		if err == nil {
			return p.acknowledged(Timing{begun, time.Now()}, kind, text, seq)
		}
		if !errors.Is(err, errAgain) {
			return err
		}
		select {
		case <-time.After(wait/2 + mathrand.N(wait)):
		case <-ctx.Done():
			return ctx.Err()
		}
		wait = min(2*wait, 300*time.Millisecond)
	}
}

// acknowledged records a write.
func (p *Person) acknowledged(took Timing, kind, text string, seq int64) error {
	err := p.crowd.opts.Journal.Add(journal.Entry{Kind: kind, Ticket: p.ticket, Author: p.name, Seq: seq, Text: text, At: took.Ended})
	p.crowd.mu.Lock()
	p.crowd.acks[kind] = append(p.crowd.acks[kind], took)
	p.crowd.mu.Unlock()
	return err
}

// comment sends a comment once and returns its seq.
func (p *Person) comment(ctx context.Context, key, text string) (int64, error) {
	body, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		return 0, err
	}
	var out struct{ ID int64 }
	err = p.request(ctx, fmt.Sprintf("/api/tickets/%d/comments", p.ticket), key, "application/json", body, &out)
	return out.ID & (1<<20 - 1), err // the lower bits of the id of an entry are its seq
}

// writeFile attaches 64 KiB of random bytes to the ticket.
func (p *Person) writeFile(ctx context.Context, key string) error {
	content := make([]byte, 64<<10)
	_, _ = rand.Read(content) // never fails
	sum := sha256.Sum256(content)
	contentType, body, err := client.Multipart("file", "noise.bin", content)
	if err != nil {
		return err
	}
	return p.keep(ctx, journal.File, hex.EncodeToString(sum[:]), func() (int64, error) {
		return 0, p.request(ctx, fmt.Sprintf("/api/tickets/%d/attachment", p.ticket), key, contentType, body, nil)
	})
}
