package ui

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"

	"frontdesk/internal/input"
)

// Prose is text of a user: a paragraph for each block between empty lines, a break for each line,
// and links for addresses. Everything else is escaped.
func Prose(text string) templ.Component {
	return AppendFunc(func(_ context.Context, html []byte) []byte { return appendParagraphs(html, text, nil) })
}

// ProseWithMentions is Prose in which names after an @ are bold.
func ProseWithMentions(text string, names []string) templ.Component {
	return AppendFunc(func(_ context.Context, html []byte) []byte { return appendParagraphs(html, text, names) })
}

// ProseLines is text of a user as in Prose, without paragraphs.
func ProseLines(text string) templ.Component {
	return AppendFunc(func(_ context.Context, html []byte) []byte { return appendLines(html, strings.TrimSpace(text)) })
}

func appendParagraphs(html []byte, text string, names []string) []byte {
	html = append(html, `<div class="prose">`...)
	inside := false
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case strings.TrimSpace(line) != "":
			if inside {
				html = append(html, "<br>"...)
			} else {
				html = append(html, `<p dir="auto">`...)
			}
			html, inside = appendLine(html, line, names), true
		case inside:
			html, inside = append(html, "</p>"...), false
		}
	}
	if inside {
		html = append(html, "</p>"...)
	}
	return append(html, "</div>"...)
}

func appendLines(html []byte, text string) []byte {
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			html = append(html, "<br>"...)
		}
		html = appendLine(html, line, nil)
	}
	return html
}

// appendLine appends a line with its links. The direction of a line is that of its
// first letter outside a link. Chromium finds that direction and aligns the line
// by the link all the same, so a line that begins with a link is a block of its own.
func appendLine(html []byte, line string, names []string) []byte {
	switch {
	case !mayHaveLink(line):
		return appendNamed(html, line, names)
	case !beginsWithLink(line):
		return appendSpans(html, line, names)
	}
	html = append(html, `<span class="link-first" dir="auto">`...)
	html = appendSpans(html, line, names)
	return append(html, "</span>"...)
}

// beginsWithLink reports whether a link comes before the first letter of the
// other text of a line. It is false for a line that has no such letter.
func beginsWithLink(line string) bool {
	link := false
	for s := range spans(line) {
		switch {
		case s.href != "":
			link = true
		case strings.ContainsFunc(s.text, unicode.IsLetter):
			return link
		}
	}
	return false
}

// appendNamed appends text in which names after an @ that begins a word are bold.
func appendNamed(html []byte, text string, names []string) []byte {
	for len(names) > 0 {
		i := strings.IndexAny(text, "@＠")
		if i < 0 {
			break
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		end, isNamed := i+size, false
		if before, _ := utf8.DecodeLastRuneInString(text[:i]); input.MayPrecedeMention(before) {
			named := longestPrefix(text[end:], names)
			end, isNamed = end+named, named > 0
		}
		html = appendEscaped(html, text[:i])
		if isNamed {
			html = append(html, "<b>"...)
		}
		html = appendEscaped(html, text[i:end])
		if isNamed {
			html = append(html, "</b>"...)
		}
		text = text[end:]
	}
	return appendEscaped(html, text)
}

// longestPrefix returns the length of the longest of the names with which a text begins, or 0.
func longestPrefix(text string, names []string) (longest int) {
	for _, name := range names {
		longest = max(longest, lenAsPrefix(text, name))
	}
	return longest
}

// lenAsPrefix returns the length of a name at the beginning of a text, or 0 if the text begins with
// another name. Between the words of the name, the text may have more or other spaces.
func lenAsPrefix(text, name string) int {
	rest := text
	for i, word := range strings.Fields(name) {
		begins := strings.TrimLeftFunc(rest, unicode.IsSpace)
		if (i > 0) != (len(begins) < len(rest)) || !strings.HasPrefix(begins, word) {
			return 0
		}
		rest = begins[len(word):]
	}
	return len(text) - len(rest)
}

// appendSpans appends the stretches of a line: text, and links.
func appendSpans(html []byte, line string, names []string) []byte {
	for s := range spans(line) {
		if s.href == "" {
			html = appendNamed(html, s.text, names)
			continue
		}
		// An address is shown from left to right, regardless of overrides before it.
		html = append(html, `<a dir="ltr" href="`...)
		html = appendEscaped(html, string(templ.URL(s.href)))
		html = append(html, `" rel="nofollow noopener ugc">`...)
		html = appendEscaped(html, s.text)
		html = append(html, "</a>"...)
	}
	return html
}
