package mail_test

import (
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/mail"
)

func TestThePlainTextOfAMessageIsReadBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	text := "Größe = 5 €\n\n" + strings.Repeat("a long line with words ", 20) + "\n.\nFrom here\n"
	message := mail.Message{From: mail.Address{Addr: "help@example.org"}, To: []mail.Address{{Addr: "ana@example.org"}}, Subject: "A", Text: text, HTML: "<p>Not this</p>", MessageID: "1@example.org"}
	for _, files := range [][]mail.File{nil, {{Name: "Rechnung über 5 €.txt", ContentType: "text/plain", Content: []byte("not this")}, {Name: "a.pdf", ContentType: "application/pdf", Content: []byte("x")}}} {
		message.Files = files
		raw, err := message.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		got, err := mail.PlainText(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got.Text != text {
			t.Errorf("%d files: got %q, want %q", len(files), got.Text, text)
		}
		var want []string
		for _, f := range files {
			want = append(want, f.Name)
		}
		if !slices.Equal(got.Files, want) {
			t.Errorf("got the files %q, want %q", got.Files, want)
		}
	}
	if _, err := mail.PlainText([]byte("x")); err == nil {
		t.Error("bytes that are no message are read without an error")
	}
}
