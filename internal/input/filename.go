package input

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxFilename is the maximum length of a stored filename in characters.
const maxFilename = 255

// noName is the name of a file that was sent without a usable one.
const noName = "file"

// CleanFilename returns the filename to store: the last element of any path, in NFC,
// without control and invisible characters, shortened to [maxFilename] characters but
// with its extension. A name without visible characters becomes [noName]. The result is
// for display and for the header of downloads. It is never used as a path.
func CleanFilename(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.TrimSpace(norm.NFC.String(withoutInvisible(name)))
	if !strings.ContainsFunc(name, isShown) {
		return noName
	}
	return shorten(name, maxFilename)
}

// isShown reports whether a filename that has the character r is readable. Dots, spaces,
// blank symbols and combining marks do not make it readable.
func isShown(r rune) bool {
	return r != '.' && isVisible(r) && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsPunct(r) || unicode.IsSymbol(r))
}

// withoutInvisible removes control characters, those that change the direction of
// the text (UAX #9), and those that are not shown. It keeps invisible characters
// where they are part of a word or an emoji; see [isPart].
func withoutInvisible(name string) string { return without(name, isInvisible) }

// without is [withoutInvisible] for the characters for which drop returns true.
func without(name string, drop func(rune) bool) string {
	var out []rune
	runes := []rune(name)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		if drop(r) && !isPart(out, r, runes[i+1:]) {
			continue
		}
		out = append(out, r)
		if r == blackFlag {
			tags := tagsOfFlag(runes[i+1:])
			out = append(out, tags...)
			i += len(tags)
		}
	}
	return string(out)
}

const (
	zwnj      = '\u200c'     // zero width non-joiner
	zwj       = '\u200d'     // zero width joiner
	blackFlag = '\U0001f3f4' // begins the flag of a region, followed by tags for its letters
	firstTag  = '\U000e0020'
	endOfTags = '\U000e007f'
	mostTags  = 7 // the maximum number of tags of a flag, including endOfTags
)

// isInvisible reports whether a character is a control, a line separator, or has
// no shape of its own (Default_Ignorable_Code_Point of UAX #44). The format
// characters of Arabic that enclose digits are shown.
func isInvisible(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' ||
		unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// isPart reports whether an invisible character r affects its neighbours: a joiner in a
// word or an emoji sequence, or a variation selector after a character.
func isPart(before []rune, r rune, after []rune) bool {
	if len(before) == 0 {
		return false
	}
	last := before[len(before)-1]
	switch {
	case r == zwj, r == zwnj:
		return joins(last) && len(after) > 0 && joins(after[0])
	case unicode.Is(unicode.Variation_Selector, r):
		return !isInvisible(last) && !unicode.IsSpace(last) && !unicode.Is(unicode.Latin, last)
	}
	return false
}

// joins reports whether a joiner has an effect beside the character: letters, their
// marks, and emoji with their modifiers. A variation selector is a mark.
func joins(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.In(r, unicode.So, unicode.Sk)
}

// tagsOfFlag returns the tags of a region after a black flag (UTS #51, ED-14a), or nil.
func tagsOfFlag(after []rune) []rune {
	for n, r := range after[:min(len(after), mostTags)] {
		switch {
		case r == endOfTags:
			return after[:n+1]
		case r < firstTag || r > endOfTags:
			return nil
		}
	}
	return nil
}

// shorten cuts a filename to at most most characters, and keeps its extension.
func shorten(name string, most int) string {
	if utf8.RuneCountInString(name) <= most {
		return name
	}
	extension := ""
	if dot := strings.LastIndexByte(name, '.'); dot > 0 && len(name)-dot <= 20 {
		extension = name[dot:]
	}
	kept := []rune(name)[:most-utf8.RuneCountInString(extension)]
	return strings.TrimRight(string(kept), string([]rune{zwnj, zwj})) + extension
}
