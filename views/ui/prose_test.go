package ui

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
)

// proseOf renders a text as [Prose] and parses it.
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

func TestEmptyLinesSeparateParagraphsAndLineBreaksStay(t *testing.T) {
	t.Parallel()
	doc := proseOf(t, "\n\none\ntwo\n \n\nthree\n")
	p, br := doc.Find("p").Length(), doc.Find("br").Length()
	if p != 2 {
		t.Fatalf("got %d paragraphs, want 2", p)
	}
	if br != 1 {
		t.Fatalf("got %d line breaks, want 1", br)
	}
	if got := doc.Find("p").First().Text(); strings.Join(strings.Fields(got), " ") != "onetwo" && strings.Join(strings.Fields(got), " ") != "one two" {
		t.Fatalf("first paragraph is %q", got)
	}
}

func TestMarkupInTextIsEscaped(t *testing.T) {
	t.Parallel()
	doc := proseOf(t, `<script>alert(1)</script> <hx-partial hx-target="#x">{{ .Boom }}</hx-partial> https://x.org/"onclick="x`)
	if doc.Find("script, hx-partial, [onclick]").Length() != 0 {
		t.Fatal("the page contains markup of a user")
	}
}

func TestALineThatBeginsWithALinkHasADirectionOfItsOwn(t *testing.T) {
	t.Parallel()
	doc := proseOf(t, "مرحبا:\nhttps://example.com/a مرحبا (test)\n- https://example.com/b שלום\nsee https://example.com/c\nhttps://example.com/d\n")
	var got []string
	doc.Find("p > span[dir=auto]").Each(func(_ int, s *goquery.Selection) { got = append(got, s.Text()) })
	want := []string{"https://example.com/a مرحبا (test)", "- https://example.com/b שלום"}
	if !slices.Equal(got, want) {
		t.Errorf("the lines %q have a direction of their own, want %q", got, want)
	}
	if n := doc.Find("a[dir=ltr]").Length(); n != 4 {
		t.Errorf("%d links are shown from left to right, want 4", n)
	}
}

func TestTextIsEscapedAsTemplDoes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "plain", `<b onclick="x('y')">&amp;</b>`, "'", "a&", "&b", "ü<ü", "\xff<\xff", "\x00", strings.Repeat("<", 100)} {
		if got, want := string(appendEscaped([]byte("["), text)), "["+templ.EscapeString(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestMentionedNamesAreBold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"@Tom Becker: look.":                "<b>@Tom Becker</b>: look.",
		"Ask @Tom and a@Tom.":               "Ask <b>@Tom</b> and a@Tom.",
		"@Other, <b>":                       "@Other, &lt;b&gt;",
		"@@Tom":                             "@<b>@Tom</b>",
		"@Tom \u00a0Becker @Tom  Other":     "<b>@Tom \u00a0Becker</b> <b>@Tom</b>  Other",
		"请@Tom，＠Tom":                        "请<b>@Tom</b>，<b>＠Tom</b>",
		"@Tom see https://example.org/@Tom": `<b>@Tom</b> see <a dir="ltr" href="https://example.org/@Tom" rel="nofollow noopener ugc">https://example.org/@Tom</a>`,
	} {
		var b strings.Builder
		if err := ProseWithMentions(text, []string{"Tom", "Tom Becker"}).Render(context.Background(), &b); err != nil {
			t.Fatal(err)
		}
		if want = `<div class="prose"><p dir="auto">` + want + "</p></div>"; b.String() != want {
			t.Errorf("%s: got %s, want %s", text, b.String(), want)
		}
	}
}
