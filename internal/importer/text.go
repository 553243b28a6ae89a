package importer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/internal/input"
)

// maxOf returns the maximum length in characters of a field of an input of the desk.
func maxOf(of any, field string) int { return input.RulesOf(of)[field].Max }

// split divides a text into parts of at most most characters. It divides at a line break,
// or else at a space, if there is one in the last quarter of a part.
func split(text string, most int) (parts []string) {
	for len(text) > most && utf8.RuneCountInString(text) > most {
		end := offset(text, most)
		from := offset(text, most-most/4)
		for _, border := range []string{"\n", " "} {
			if i := strings.LastIndex(text[from:end+1], border); i >= 0 {
				end = from + i
				break
			}
		}
		if part := strings.TrimSpace(text[:end]); part != "" {
			parts = append(parts, part)
		}
		text = strings.TrimSpace(text[end:])
	}
	if text != "" || len(parts) == 0 {
		parts = append(parts, text)
	}
	return parts
}

// offset returns the number of bytes of the first n characters of a text that has as many.
func offset(text string, n int) int {
	bytes := 0
	for range n {
		_, size := utf8.DecodeRuneInString(text[bytes:])
		bytes += size
	}
	return bytes
}

// cut returns at most most characters of a text, the last one an ellipsis if it was longer.
func cut(text string, most int) (short string, isCut bool) {
	if utf8.RuneCountInString(text) <= most {
		return text, false
	}
	return strings.TrimSpace(text[:offset(text, most-1)]) + "…", true
}

// noteControls adds a note if the desk removes control characters from text, except for line breaks
// of other systems.
func (n *notes) noteControls(text string) {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' }) {
		n.add("control characters were removed")
	}
}
