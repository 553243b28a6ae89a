package mail_test

import (
	"bytes"
	netmail "net/mail"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/mail"
)

func TestAMessageGetsAnotherRecipientAndStaysAsItIsOtherwise(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "Ana", `Ana "the, <Boss>"`, strings.Repeat("Ж😀", 50)} {
		l := aMessage()
		l.To[0].Name = strings.Repeat("Müller ", 14) // so that the header has several lines
		raw, err := l.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		got, err := mail.Readdress(raw, mail.Address{Name: name, Addr: "new@example.org"})
		if err != nil {
			t.Fatal(err)
		}
		m, err := netmail.ReadMessage(bytes.NewReader(got))
		if err != nil {
			t.Fatalf("%v:\n%s", err, got)
		}
		to, err := m.Header.AddressList("To")
		if want := []*netmail.Address{{Name: name, Address: "new@example.org"}}; err != nil || !cmp.Equal(to, want) {
			t.Errorf("To is %v, %v, want %v", to, err, want)
		}
		if strings.Contains(string(got), "ana@example.org") {
			t.Errorf("the former address is left:\n%s", got)
		}
		for line := range strings.SplitSeq(string(got), "\r\n") {
			if len(line) > 998 {
				t.Errorf("a line has %d bytes", len(line))
			}
		}
		_, was, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		if _, is, _ := bytes.Cut(got, []byte("\r\n\r\n")); !bytes.Equal(was, is) {
			t.Error("the body has changed")
		}
		if got := m.Header.Get("Message-Id"); got != "<"+l.MessageID+">" {
			t.Errorf("other headers have changed: Message-Id is %q, want %q", got, "<"+l.MessageID+">")
		}
		if got := m.Header.Get("Subject"); got != l.Subject {
			t.Errorf("other headers have changed: Subject is %q, want %q", got, l.Subject)
		}
	}
}
