package mail

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/internal/mailout"
)

// aMail is an answer with everything that a mail can have.
var aMail = mailout.Content{
	DeskName: "Example Help", DeskURL: "https://desk.example.org", Subject: "[#1042] Invoice 17 & <b>more</b>",
	Intro: []string{"Priya has answered your ticket “Invoice 17 & <b>more</b>”."},
	Entries: []mailout.Entry{{Title: "[#1042] Invoice 17", URL: "https://desk.example.org/tickets/1042", Meta: "Priya, 27 November 2026, 14:05 UTC",
		Text:  "Hello Ana,\nthe invoice is <i>paid</i>.\n\nSee https://example.org/a?b=1&c=2 for more, or this long word: " + strings.Repeat("abcdefghij", 12) + ".",
		Files: []mailout.File{{Name: "invoice.pdf", Size: 184 << 10, Attached: true}, {Name: "film.mp4", Size: 80 << 20, URL: "https://desk.example.org/uploads/abc"}}}},
	Button:      mailout.Link{Label: "Open the ticket and answer", URL: "https://desk.example.org/tickets/1042"},
	Notes:       []string{"This mail is about your ticket #1042."},
	Signature:   "Kind regards\nExample Ltd",
	Unsubscribe: "https://desk.example.org/unsubscribe/1.abc",
}

func TestTextOfOthersCannotLookLikeAnotherEntryOfAPlainMail(t *testing.T) {
	forged := "Cyd mentioned you in a note, 28 November 2026, 00:20 UTC"
	text, _, err := Render(mailout.Content{Entries: []mailout.Entry{
		{Meta: "Ana answered", Text: "thanks\r\n\n" + forged, Quoted: true}, {Meta: "Bo answered", Text: "two", Quoted: true}}})
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, forged) {
			t.Errorf("the text has a forged entry:\n%s", text)
		}
	}
	if !strings.Contains(text, "Ana answered\n\n> thanks\n> \n> "+forged+"\n\nBo answered") {
		t.Errorf("the text is\n%s", text)
	}
}

// The text and the HTML of a mail say the same. Text of users is escaped in the HTML.
func TestTextAndHTMLOfAMailSayTheSame(t *testing.T) {
	text, html, err := Render(aMail)
	if err != nil {
		t.Fatal(err)
	}
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	for _, want := range []string{
		"Priya has answered your ticket “Invoice 17 & <b>more</b>”.", "[#1042] Invoice 17", "Priya, 27 November 2026, 14:05 UTC", "the invoice is <i>paid</i>.",
		"https://example.org/a?b=1&c=2", "invoice.pdf", "184 KiB", "film.mp4", "https://desk.example.org/uploads/abc", "Open the ticket and answer",
		"https://desk.example.org/tickets/1042", "This mail is about your ticket #1042.", "Kind regards", "Example Ltd", "https://desk.example.org/unsubscribe/1.abc", "Example Help",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q", want)
		}
		if !strings.Contains(html, escape.Replace(want)) {
			t.Errorf("the HTML lacks %q", escape.Replace(want))
		}
	}
	for _, script := range []string{"<b>more", "<i>paid", "<script", " style=", "<img"} {
		if strings.Contains(html, script) {
			t.Errorf("the HTML has %q", script)
		}
	}
	if folder := os.Getenv("MAIL_LOOK"); folder != "" { // to look at it in a browser
		for name, content := range map[string]string{"mail.html": html, "mail.txt": text} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
