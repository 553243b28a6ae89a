package mail_test

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/mail"
)

// aMessage returns a valid message with text and HTML.
func aMessage() mail.Message {
	return mail.Message{From: mail.Address{Name: "Example Help", Addr: "help@example.org"}, To: []mail.Address{{Name: "Ana", Addr: "ana@example.org"}},
		Subject: "Invoice 17", Text: "Hello\n", HTML: "<p>Hello</p>", MessageID: "1.2.abc@example.org", Date: time.Date(2026, 11, 27, 14, 5, 0, 0, time.UTC)}
}

// parsed returns the headers of a message, and the whole.
func parsed(t *testing.T, l mail.Message) (netmail.Header, string) {
	t.Helper()
	raw, err := l.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v:\n%s", err, raw)
	}
	if _, err := io.ReadAll(m.Body); err != nil {
		t.Fatal(err)
	}
	return m.Header, string(raw)
}

func TestAMessageHasTheHeadersOfItsKind(t *testing.T) {
	t.Parallel()
	l := aMessage()
	h, _ := parsed(t, l)
	for name, want := range map[string]string{"From": `"Example Help" <help@example.org>`, "To": `"Ana" <ana@example.org>`, "Subject": "Invoice 17", "Message-Id": "<1.2.abc@example.org>",
		"Date": "Fri, 27 Nov 2026 14:05:00 +0000", "Mime-Version": "1.0", "Auto-Submitted": "", "List-Unsubscribe": "", "References": "", "User-Agent": "", "X-Mailer": ""} {
		if got := h.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	l.Automatic, l.Unsubscribe, l.Instance = true, "https://desk.example.org/unsubscribe/1.abc", "an id"
	h, _ = parsed(t, l)
	for name, want := range map[string]string{"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "List-Unsubscribe": "<https://desk.example.org/unsubscribe/1.abc>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "X-Frontdesk-Instance": "an id"} {
		if got := h.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// Some mail clients do not find an id that is encoded, or on another line than the name of the header.
func TestTheFirstReferenceIsOnTheLineOfItsHeader(t *testing.T) {
	t.Parallel()
	l := aMessage()
	for i := range 30 {
		l.References = append(l.References, fmt.Sprintf("%d.%d.%s@a-rather-long-domain.example.org", i, i, strings.Repeat("0", 26)))
	}
	l.InReplyTo = l.References[29]
	h, raw := parsed(t, l)
	for _, want := range []string{"\r\nReferences: <" + l.References[0] + ">\r\n <", "\r\nIn-Reply-To: <" + l.InReplyTo + ">\r\n"} {
		if !strings.Contains(raw, want) {
			t.Errorf("the message lacks %q:\n%s", want, raw)
		}
	}
	ids := strings.Fields(h.Get("References"))
	if len(ids) != 20 {
		t.Fatalf("got %d ids, want 20: %q", len(ids), ids)
	}
	if ids[0] != "<"+l.References[0]+">" {
		t.Errorf("ids[0] is %q, want %q", ids[0], "<"+l.References[0]+">")
	}
	if ids[19] != "<"+l.References[29]+">" {
		t.Errorf("ids[19] is %q, want %q", ids[19], "<"+l.References[29]+">")
	}
}

func TestNoLineOfAMessageIsTooLong(t *testing.T) {
	t.Parallel()
	l := aMessage()
	l.Subject = strings.Repeat("Übergröße ", 30)
	l.Text, l.HTML = strings.Repeat("word ", 2000), "<p>"+strings.Repeat("wörd ", 2000)+"</p>"
	l.To[0].Name = strings.Repeat("Müller ", 14)
	_, raw := parsed(t, l)
	for line := range strings.SplitSeq(raw, "\r\n") {
		if len(line) > 998 {
			t.Errorf("a line has %d bytes: %.60s…", len(line), line)
		}
	}
	if strings.Contains(strings.ReplaceAll(raw, "\r\n", ""), "\n") {
		t.Error("a line ends without CR")
	}
}

func TestTheNameOfAFileArrivesInAnyScript(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"invoice 17.pdf", "Übergröße, naïve; x='y'.pdf", "файл.txt", strings.Repeat("字", 200) + ".txt", strings.Repeat("😀", 200) + " %41.png"} {
		l := aMessage()
		l.Files = []mail.File{{Name: name, ContentType: "text/plain", Content: []byte("x")}}
		h, raw := parsed(t, l)
		for line := range strings.SplitSeq(raw, "\r\n") {
			if len(line) > 998 {
				t.Errorf("%.20s…: a line has %d bytes", name, len(line))
			}
		}
		if got := fileName(t, h, raw); got != name {
			t.Errorf("the name arrives as %q, want %q", got, name)
		}
	}
}

// fileName returns the name of the last part of a message, without decoding of encoded words, which
// must not be in quotes (RFC 2047, 5).
func fileName(t *testing.T, h netmail.Header, raw string) string {
	t.Helper()
	_, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(raw, "\r\n\r\n")
	parts, name := multipart.NewReader(strings.NewReader(body), params["boundary"]), ""
	for p, err := parts.NextPart(); err == nil; p, err = parts.NextPart() {
		if d := p.Header.Get("Content-Disposition"); d != "" {
			_, params, err := mime.ParseMediaType(d)
			if err != nil {
				t.Fatalf("%v: %s", err, d)
			}
			name = params["filename"]
		}
	}
	return name
}

// allowed has the headers that a message of these tests may have.
var allowed = []string{"Auto-Submitted", "Content-Type", "Content-Transfer-Encoding", "Date", "From", "In-Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post", "Message-Id", "Mime-Version", "References", "Subject", "To",
	"X-Auto-Response-Suppress", "X-Frontdesk-Instance"}

func FuzzNoValueAddsAHeader(f *testing.F) {
	for _, evil := range []string{"plain", "a\r\nBcc: eve@example.org", "a\nX: 1", "a\r\n\r\nbody", "\x00", "\u2028Bcc: x", "=?utf-8?q?=0D=0ABcc:_x?=", "“Ä” \u202e", `"a" <b@c>, d`, strings.Repeat("x", 2000), "\xff\xfe", "a\vb\fc\x85d"} {
		f.Add(evil)
	}
	f.Fuzz(func(t *testing.T, evil string) {
		l := aMessage()
		l.From.Name, l.To[0].Name, l.Subject, l.Instance = evil, evil, evil, evil
		l.Automatic, l.MessageID, l.InReplyTo, l.References, l.Unsubscribe = true, "x"+evil, evil, []string{evil}, evil
		l.Files = []mail.File{{Name: evil, ContentType: "text/plain", Content: []byte("x")}}
		h, raw := parsed(t, l)
		for name, values := range h {
			if !slices.Contains(allowed, name) {
				t.Errorf("%s: allowed is %q, want it with %q", raw, allowed, name)
			}
			if len(values) != 1 {
				t.Errorf("%s: got %d values, want 1: %q", raw, len(values), values)
			}
		}
		a, err := h.AddressList("To")
		if err != nil {
			t.Fatal(err)
		}
		if len(a) != 1 {
			t.Fatalf("got %d elements, want 1: %v", len(a), a)
		}
		if a[0].Address != "ana@example.org" {
			t.Errorf(`the address is %q, want "ana@example.org"`, a[0].Address)
		}
		if _, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject")); err != nil {
			t.Errorf("the subject: %v", err)
		}
	})
}
