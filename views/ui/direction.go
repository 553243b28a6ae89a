package ui

import (
	"strings"

	"golang.org/x/text/unicode/bidi"

	"frontdesk/internal/input"
)

// Isolated returns text of a user for a sentence without markup: a title, an
// attribute, a message. Text with right-to-left letters or direction controls is
// wrapped in FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE, so that it does not
// change the order of the words around it (UAX #9, 2.4.2). Its own embeddings,
// overrides and isolates are removed, because one of them could end the isolate.
// All other text is returned as it is. In markup, use <bdi> or dir="auto".
func Isolated(text string) string {
	if !strings.ContainsFunc(text, reorders) {
		return text
	}
	return "\u2068" + strings.Map(dropControl, text) + "\u2069"
}

// reorders reports whether r can change the order in which the text around it is shown.
func reorders(r rune) bool {
	if r < 0x590 { // Latin, Greek, Cyrillic, Armenian
		return false
	}
	p, _ := bidi.LookupRune(r)
	switch p.Class() {
	case bidi.R, bidi.AL, bidi.AN:
		return true
	}
	return input.IsDirectionControl(r)
}

func dropControl(r rune) rune {
	if input.IsDirectionControl(r) {
		return -1
	}
	return r
}
