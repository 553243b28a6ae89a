package views

import (
	"context"
	"strings"
	"testing"

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
