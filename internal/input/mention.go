package input

import (
	"strings"
	"unicode"
)

// MayPrecedeMention reports whether an @ after the character r can mention a user. It cannot after a
// character of an e-mail address, unless r is of a script that has no spaces between words.
// The function beginning in static/src/composer/mentions.js has the same rule.
func MayPrecedeMention(r rune) bool {
	if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) {
		return true
	}
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("._%+-", r)
}
