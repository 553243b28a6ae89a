package views

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// span is a stretch of a line: plain words, or a link whose words are its address.
type span struct {
	text string
	href string // "" is no link; else http, https or mailto
}

// paragraphs splits what somebody wrote at empty lines, then at single breaks.
func paragraphs(text string) [][]string {
	var out [][]string
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		} else if lines != nil {
			out, lines = append(out, lines), nil
		}
	}
	if lines != nil {
		out = append(out, lines)
	}
	return out
}

var schemes = []string{"https://", "http://", "mailto:"}

// spans finds the addresses in a line. What it gives, joined, is the line.
func spans(line string) []span {
	var out []span
	plain := 0
	for i := 0; i < len(line); {
		if length := linkAt(line, i); length > 0 {
			if plain < i {
				out = append(out, span{text: line[plain:i]})
			}
			address := line[i : i+length]
			out = append(out, span{text: address, href: address})
			i += length
			plain = i
			continue
		}
		_, size := utf8.DecodeRuneInString(line[i:])
		i += size
	}
	if plain < len(line) {
		out = append(out, span{text: line[plain:]})
	}
	return out
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

// proseLinesOf gives the lines of a short text, where paragraphs would be too much.
func proseLinesOf(text string) []string { return strings.Split(strings.TrimSpace(text), "\n") }
