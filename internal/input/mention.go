package input

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MayPrecedeMention reports whether an @ after the character r can mention a user. It cannot after a
// character of an e-mail address, unless r is of a script that has no spaces between words.
// The function beginning in static/src/composer/mentions.js has the same rule.
func MayPrecedeMention(r rune) bool {
	if isSpaceless(r) {
		return true
	}
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("._%+-", r)
}

// isSpaceless reports whether a character is of a script that has no spaces between words.
func isSpaceless(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// MentionEnds returns the positions in a word at which a mentioned name may end, in order: its end, before
// an @ or punctuation that is no part of names or addresses, and between characters of scripts that have no
// spaces. first is the end of the word without what follows such punctuation.
func MentionEnds(word string) (ends []int, first int) {
	first = len(strings.TrimRightFunc(word, isMark))
	if first == 0 {
		first = len(word)
	}
	before := rune(0)
	for i, r := range word {
		cut := i > 0 && endsName(r, word[i:])
		if cut {
			first = min(first, i)
		}
		if cut || i > 0 && (i == first || r == '@') || i > 0 && !unicode.IsMark(r) && (isSpaceless(before) || isSpaceless(r)) {
			ends = append(ends, i)
		}
		before = r
	}
	return append(ends, len(word)), first
}

func isMark(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }

// endsName reports whether a name ends before the punctuation r, with which rest begins.
func endsName(r rune, rest string) bool {
	switch {
	case r == '\'' || r == '’': // O'Brien, but Ben's
		after := strings.TrimRightFunc(rest[utf8.RuneLen(r):], isMark)
		return strings.EqualFold(after, "s")
	case strings.ContainsRune("@.-‐_+&·・", r):
		return false
	}
	return unicode.IsPunct(r)
}
