package input

import (
	"strings"
	"unicode"
)

// MayPrecedeMention reports whether an @ after a character may mention somebody: the character is no
// part of an e-mail address, or it is of a script that has no spaces between words.
func MayPrecedeMention(r rune) bool {
	if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) {
		return true
	}
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("._%+-", r)
}
