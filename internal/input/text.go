package input

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// IsText reports whether PostgreSQL can store s: it is valid UTF-8 and has no NUL. Other
// texts cause error 22021.
func IsText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// isProse reports whether s is a displayable text of any number of lines: valid UTF-8
// without control characters other than tab and line feed.
func isProse(s string) bool { return utf8.ValidString(s) && firstControl(s) < 0 }

// isLine reports whether s is a displayable text of one line. U+2028 and U+2029 are line
// ends, too (UAX #14, class BK).
func isLine(s string) bool { return isProse(s) && !strings.ContainsAny(s, "\t\n\u2028\u2029") }

// firstControl returns the byte offset of the first control character (C0, DEL
// or C1) other than tab and line feed, or -1 if there is none.
func firstControl(s string) int {
	return strings.IndexFunc(s, func(r rune) bool { return r != '\t' && r != '\n' && unicode.IsControl(r) })
}

// proseError returns the message for text that [isProse] refuses. It names the
// character and its line, because the writer cannot see it.
func proseError(s string) string {
	at := firstControl(s)
	if at < 0 {
		return "This contains characters that cannot be saved. Type it again, or paste it as plain text."
	}
	r, _ := utf8.DecodeRuneInString(s[at:])
	return fmt.Sprintf("Line %d contains a control character (U+%04X). Remove it, or paste the text without formatting.", 1+strings.Count(s[:at], "\n"), r)
}

// CleanText brings a text of another program into the form that [Check] accepts: valid
// UTF-8 with line feeds as line breaks, without other control characters than tabs, and
// without space around it. It returns "" for a text without visible characters.
func CleanText(s string) string {
	s = strings.Map(func(r rune) rune {
		if r != '\t' && r != '\n' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, lineBreaks.Replace(strings.ToValidUTF8(s, "\ufffd")))
	if s = strings.TrimSpace(s); IsBlank(s) {
		return ""
	}
	return s
}

// CleanLine is [CleanText] for a text of one line: line breaks and tabs become spaces.
func CleanLine(s string) string {
	return CleanText(lineSpaces.Replace(lineBreaks.Replace(s)))
}

// lineSpaces replaces by a space what a text of one line must not have.
var lineSpaces = strings.NewReplacer("\t", " ", "\n", " ", "\u2028", " ", "\u2029", " ")

// CleanName brings a name of another program into the stored form of names. It returns ""
// for a name without visible characters.
func CleanName(s string) string { return NameForm(removeDirectionControls(CleanLine(s))) }

// IsBlank reports whether s has no visible character: it consists of spaces, control and
// format characters, fillers, combining marks and noncharacters. Invalid UTF-8 is not
// blank.
func IsBlank(s string) bool { return !strings.ContainsFunc(s, isVisible) }

// isVisible reports whether the character r is visible when it is shown alone. Unassigned
// and private-use characters count as visible, because newer fonts may show them.
func isVisible(r rune) bool {
	switch {
	case r == '\u2800', r == '\U0001d159', r == '\U00013441', r == '\U00013442': // blank Braille pattern, null notehead, blank hieroglyphs
		return false
	case unicode.Is(unicode.Noncharacter_Code_Point, r): // U+FFFE and others, which are never assigned
		return false
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r): // format characters that are drawn
		return true
	}
	return !unicode.IsSpace(r) && !unicode.IsControl(r) && !unicode.IsMark(r) &&
		!unicode.In(r, unicode.Z, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point)
}
