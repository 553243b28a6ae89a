package views

import (
	"context"
	"iter"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"
)

// Prose shows what somebody wrote: a paragraph an empty line, a break a line,
// addresses as links. Nothing in it is markup.
func Prose(text string) templ.Component {
	return byHand(func(_ context.Context, html []byte) []byte { return appendParagraphs(html, text) })
}

// proseLines shows the lines of a short text, where paragraphs would be too much.
func proseLines(text string) templ.Component {
	return byHand(func(_ context.Context, html []byte) []byte { return appendLines(html, strings.TrimSpace(text)) })
}

func appendParagraphs(html []byte, text string) []byte {
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
			html, inside = appendLine(html, line), true
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
		html = appendLine(html, line)
	}
	return html
}

func appendLine(html []byte, line string) []byte {
	for s := range spans(line) {
		if s.href == "" {
			html = append(html, templ.EscapeString(s.text)...)
			continue
		}
		html = append(html, `<a href="`...)
		html = append(html, templ.EscapeString(templ.URL(s.href))...)
		html = append(html, `" rel="nofollow noopener ugc">`...)
		html = append(html, templ.EscapeString(s.text)...)
		html = append(html, "</a>"...)
	}
	return html
}

// span is a stretch of a line: plain words, or a link whose words are its address.
type span struct {
	text string
	href string // "" is no link; else http, https or mailto
}

var schemes = []string{"https://", "http://", "mailto:"}

// spans finds the addresses in a line. What it gives, joined, is the line.
func spans(line string) iter.Seq[span] {
	return func(yield func(span) bool) {
		plain := 0
		last := strings.LastIndexByte(line, ':') // no address begins after it
		for i := 0; i < last; {
			length := linkAt(line, i)
			if length == 0 {
				i++
				continue
			}
			address := line[i : i+length]
			if plain < i && !yield(span{text: line[plain:i]}) || !yield(span{text: address, href: address}) {
				return
			}
			i += length
			plain = i
		}
		if plain < len(line) {
			yield(span{text: line[plain:]})
		}
	}
}

// linkAt gives the length of the address that begins at i, or 0.
func linkAt(line string, i int) int {
	if c := line[i]; c != 'h' && c != 'H' && c != 'm' && c != 'M' {
		return 0
	}
	for _, scheme := range schemes {
		if len(line)-i <= len(scheme) || !strings.EqualFold(line[i:i+len(scheme)], scheme) {
			continue
		}
		if before, _ := utf8.DecodeLastRuneInString(line[:i]); unicode.IsLetter(before) || unicode.IsDigit(before) {
			return 0
		}
		end := strings.IndexFunc(line[i:], endsLink)
		if end < 0 {
			end = len(line) - i
		}
		address := trimLink(line[i : i+end])
		if len(address) <= len(scheme) || !isAddress(address) {
			return 0
		}
		return len(address)
	}
	return 0
}

func endsLink(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>\"`{}|\\^“”„«»", r) || r == utf8.RuneError
}

// trimLink leaves to the sentence what ends it, and to a bracket around the
// address its closing half.
func trimLink(address string) string {
	for address != "" {
		last := address[len(address)-1]
		switch {
		case strings.IndexByte(".,;:!?'*_~", last) >= 0:
		case last == ')' && strings.Count(address, ")") > strings.Count(address, "("):
		case last == ']' && strings.Count(address, "]") > strings.Count(address, "["):
		default:
			return address
		}
		address = address[:len(address)-1]
	}
	return address
}

func isAddress(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Host != ""
	case "mailto":
		return strings.Contains(u.Opaque, "@")
	}
	return false
}
