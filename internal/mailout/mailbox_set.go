package mailout

import (
	"context"
	"fmt"
	"sync/atomic"

	"frontdesk/db"
	"frontdesk/internal/mail"
)

// Mailbox is an address from which mail is sent.
type Mailbox struct {
	ID        int64
	From      mail.Address
	Signature string
	server    mail.Server
	problem   error // why the server cannot be used
	rate      int   // mails a minute; 0 for no limit
	failed    bool  // an error has paused it
}

// mailboxSet has the mailboxes from which this process can send.
type mailboxSet struct {
	q    *db.Queries
	opts Options
	list atomic.Pointer[[]Mailbox] // as they were read last; the default one first
}

// Enabled reports whether the desk can send mail. Pages mention mail only then.
func (m *mailboxSet) Enabled() bool { return len(*m.list.Load()) > 0 }

// Configurable reports whether mailboxes can be used at all: mails need the public address of the
// desk for their links.
func (m *mailboxSet) Configurable() bool {
	o := m.opts
	return o.PublicURL != "" && o.Render != nil && len(o.Keys) > 0
}

// usable reads the mailboxes from which this process can send.
func (m *mailboxSet) usable(ctx context.Context) ([]Mailbox, error) {
	if !m.Configurable() {
		return nil, nil
	}
	rows, err := m.q.UsableMailboxes(ctx)
	if err != nil {
		return nil, fmt.Errorf("read mailboxes: %w", err)
	}
	boxes := make([]Mailbox, 0, len(rows))
	for _, r := range rows {
		if b, ok := m.mailbox(r); ok {
			boxes = append(boxes, b)
		}
	}
	return boxes, nil
}

// mailbox converts a row. ok is false for the mailbox of SMTP_URL if this process has no SMTP_URL.
func (m *mailboxSet) mailbox(r db.UsableMailboxesRow) (b Mailbox, ok bool) {
	b = Mailbox{ID: r.ID, From: mail.Address{Name: r.FromName, Addr: r.Address}, Signature: r.Signature, rate: int(r.RatePerMinute), failed: r.Failed}
	if r.IsEnvironment {
		if m.opts.Server == nil {
			return b, false
		}
		b.server = *m.opts.Server
		return b, true
	}
	b.server, b.problem = mail.Open(m.sealKeys(), r.Outbound)
	return b, true
}

// box returns the mailbox with an id, or the default one for 0. ok is false if there is none.
func (m *mailboxSet) box(id int64) (b Mailbox, ok bool) {
	for _, b := range *m.list.Load() {
		if id == 0 || b.ID == id {
			return b, true
		}
	}
	return Mailbox{}, false
}

// Stopped returns the addresses of the mailboxes that cannot send until an admin changes something:
// an error of their own has paused them, or their password cannot be opened with the secret of the
// instance.
func (m *mailboxSet) Stopped() (addresses []string) {
	for _, b := range *m.list.Load() {
		if b.failed || b.problem != nil {
			addresses = append(addresses, b.From.Addr)
		}
	}
	return addresses
}

// isOwnAddress reports whether an address is that of a mailbox of the desk, so that the desk does
// not write to itself.
func (m *mailboxSet) isOwnAddress(addr string) bool {
	for _, b := range *m.list.Load() {
		if sameAddress(b.From.Addr, addr) {
			return true
		}
	}
	return false
}

// sealKeys returns the keys with which passwords of servers are sealed. The first one seals.
func (m *mailboxSet) sealKeys() [][]byte {
	keys := make([][]byte, len(m.opts.Keys))
	for i, secret := range m.opts.Keys {
		keys[i] = derive(secret, "frontdesk mailboxes")
	}
	return keys
}
