package views

import (
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
)

func proseOf(t testing.TB, text string) *goquery.Document {
	t.Helper()
	var b strings.Builder
	if err := Prose(text).Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestAddressesInTextBecomeLinks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"see https://example.org/a?b=c#d.":                "https://example.org/a?b=c#d",
		"(http://example.org/x_(y))":                      "http://example.org/x_(y)",
		"HTTPS://EXAMPLE.ORG, or not":                     "HTTPS://EXAMPLE.ORG",
		"write mailto:ana@example.org!":                   "mailto:ana@example.org",
		"<https://example.org>":                           "https://example.org",
		"„https://example.org“":                           "https://example.org",
		"xhttps://example.org":                            "",
		"javascript:alert(1)":                             "",
		"data:text/html,x vbscript:x ftp://example.org/x": "",
		"https:// and http://":                            "",
		"mailto:nobody":                                   "",
	} {
		links := proseOf(t, text).Find("a")
		if got := links.AttrOr("href", ""); got != want {
			t.Errorf("%q links to %q, want %q", text, got, want)
		}
		if want != "" && links.AttrOr("rel", "") != "nofollow noopener ugc" {
			t.Errorf("%q lacks its rel", text)
		}
	}
}

func TestEmptyLinesPartParagraphsAndSingleBreaksStay(t *testing.T) {
	t.Parallel()
	doc := proseOf(t, "\n\none\ntwo\n \n\nthree\n")
	if p, br := doc.Find("p").Length(), doc.Find("br").Length(); p != 2 || br != 1 {
		t.Fatalf("%d paragraphs and %d breaks, want 2 and 1", p, br)
	}
	if got := doc.Find("p").First().Text(); strings.Join(strings.Fields(got), " ") != "onetwo" && strings.Join(strings.Fields(got), " ") != "one two" {
		t.Fatalf("first paragraph is %q", got)
	}
}

func TestMarkupIsShownAndNotObeyed(t *testing.T) {
	t.Parallel()
	doc := proseOf(t, `<script>alert(1)</script> <hx-partial hx-target="#x">{{ .Boom }}</hx-partial> https://x.org/"onclick="x`)
	if doc.Find("script, hx-partial, [onclick]").Length() != 0 {
		t.Fatal("markup of a user came through")
	}
}

func FuzzSpansKeepEveryByte(f *testing.F) {
	for _, seed := range []string{"", "a https://b.c d", "mailto:a@b.c)))", "http://[::1]:8/x", "h\xffttp://x", "https://\x00", "ＨＴＴＰ://x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		var b strings.Builder
		for s := range spans(line) {
			b.WriteString(s.text)
			if s.href == "" {
				continue
			}
			if s.href != s.text || strings.ContainsAny(s.href, " \t\n\"<>") || !isAddress(s.href) {
				t.Fatalf("%q gave the link %q", line, s.href)
			}
			if utf8.ValidString(line) && !utf8.ValidString(s.href) {
				t.Fatalf("a link cuts a character: %q", s.href)
			}
		}
		if b.String() != line {
			t.Fatalf("%q came out as %q", line, b.String())
		}
	})
}
