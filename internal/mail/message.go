package mail

import (
	"bytes"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"frontdesk/internal/input"
)

// Message is a message to build.
type Message struct {
	From      Address
	To        []Address
	Subject   string
	Text      string // the text of the message
	HTML      string // the same as HTML, or "" for a message of text only
	MessageID string // without <>
	InReplyTo string // without <>; "" for none
	// References are the ids of earlier messages of the conversation, without <>. Mail clients show
	// messages with a common id as one conversation.
	References []string
	Date       time.Time
	// Automatic is whether a program wrote the message. Its headers then ask other programs not to
	// answer it: Auto-Submitted (RFC 3834), and X-Auto-Response-Suppress for Exchange.
	Automatic bool
	// Unsubscribe is the address at which a POST ends such messages (RFC 8058), or "".
	Unsubscribe string
	Instance    string // identifies the desk, in the header X-Frontdesk-Instance
	Files       []File
}

// File is an attached file.
type File struct {
	Name        string
	ContentType string
	Content     []byte
}

// maxReferences is the maximum number of ids in References: the first and the newest are kept.
const maxReferences = 20

// Bytes returns the message as it is sent, with lines that end in CRLF. Control characters in what
// becomes a header are replaced, so no value can add a header.
func (msg Message) Bytes() ([]byte, error) {
	if len(msg.To) == 0 || msg.MessageID == "" {
		return nil, errors.New("a message needs a recipient and an id")
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP), gomail.WithCharset(gomail.CharsetUTF8))
	m.FromMailAddress(msg.From.header())
	to := make([]*mail.Address, len(msg.To))
	for i, a := range msg.To {
		to[i] = a.header()
	}
	m.ToMailAddress(to...)
	m.Subject(headerText(msg.Subject))
	m.SetDateWithValue(msg.Date)
	m.SetMessageIDWithValue(OneLine(msg.MessageID))
	msg.setReferences(m)
	msg.setAutomatic(m)
	if msg.Instance != "" {
		m.SetGenHeader("X-Frontdesk-Instance", OneLine(msg.Instance))
	}
	m.SetBodyString(gomail.TypeTextPlain, msg.Text)
	if msg.HTML != "" {
		m.AddAlternativeString(gomail.TypeTextHTML, msg.HTML)
	}
	for _, f := range msg.Files {
		err := m.AttachReader(headerText(f.Name), bytes.NewReader(f.Content), gomail.WithFileContentType(gomail.ContentType(OneLine(f.ContentType))), gomail.WithFileEncoding(gomail.EncodingB64), named(f))
		if err != nil {
			return nil, fmt.Errorf("attach a file: %w", err)
		}
	}
	var out bytes.Buffer
	if _, err := m.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("build a message: %w", err)
	}
	return out.Bytes(), nil
}

// header returns the address for a header.
func (a Address) header() *mail.Address {
	return &mail.Address{Name: headerText(a.Name), Address: a.Addr}
}

// setReferences sets In-Reply-To and References. They must not be encoded, and their first id must
// be on the line of the header: some clients do not find it otherwise.
func (msg Message) setReferences(m *gomail.Msg) {
	if msg.InReplyTo != "" {
		m.SetGenHeaderPreformatted(gomail.HeaderInReplyTo, "<"+OneLine(msg.InReplyTo)+">")
	}
	ids := msg.References
	if len(ids) > maxReferences {
		ids = append([]string{ids[0]}, ids[len(ids)-maxReferences+1:]...)
	}
	if len(ids) == 0 {
		return
	}
	lines := make([]string, len(ids))
	for i, id := range ids {
		lines[i] = "<" + OneLine(id) + ">"
	}
	m.SetGenHeaderPreformatted("References", strings.Join(lines, "\r\n "))
}

// setAutomatic sets the headers of messages that a program has written, and of those that can be
// unsubscribed.
func (msg Message) setAutomatic(m *gomail.Msg) {
	if msg.Automatic {
		m.SetGenHeader("Auto-Submitted", "auto-generated")
		m.SetGenHeader(gomail.HeaderXAutoResponseSuppress, "All")
	}
	if msg.Unsubscribe != "" {
		m.SetGenHeaderPreformatted(gomail.HeaderListUnsubscribe, "<"+OneLine(msg.Unsubscribe)+">")
		m.SetGenHeaderPreformatted(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
}

// headerText is [OneLine] for text of users. What looks like an encoded word (RFC 2047) is changed, so
// that mail clients show it as it was written.
func headerText(text string) string { return strings.ReplaceAll(OneLine(text), "=?", "= ?") }

// OneLine returns text for a header: each run of control characters, line separators and spaces is
// one space. Direction controls are removed.
func OneLine(text string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case input.IsDirectionControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
	return strings.Join(strings.Fields(clean), " ")
}
