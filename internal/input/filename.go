package input

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxFilename is how many characters of a file's name are kept.
const maxFilename = 255

// noName is the name of a file that came without one.
const noName = "file"

// CleanFilename returns the name of a file as the desk keeps it: the last part of
// any path, in NFC, without control and invisible characters, at most
// [maxFilename] characters with its extension kept. A name that shows nothing is
// [noName]. The result is for people and for the header of a download; it is
// never used as a path.
func CleanFilename(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.TrimSpace(norm.NFC.String(withoutInvisible(name)))
	if !strings.ContainsFunc(name, isShown) {
		return noName
	}
	return shorten(name, maxFilename)
}

// isShown reports whether a character makes a name that can be read. Dots, spaces,
// blank symbols and marks without a letter do not.
func isShown(r rune) bool {
	return r != '.' && isVisible(r) && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsPunct(r) || unicode.IsSymbol(r))
}

// withoutInvisible removes control characters, those that change the direction of
// the text (UAX #9), and those that are not shown. It keeps invisible characters
// where they are part of a word or an emoji; see [isPart].
func withoutInvisible(name string) string { return without(name, isInvisible) }

// without is [withoutInvisible] for the characters that drop names.
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
	blackFlag = '\U0001f3f4' // begins the flag of a region, which tags spell out
	firstTag  = '\U000e0020'
	endOfTags = '\U000e007f'
	mostTags  = 7 // of a flag, with their end
)

// isInvisible reports whether a character is a control, a line separator, or has
// no shape of its own (Default_Ignorable_Code_Point of UAX #44). The format
// characters of Arabic that enclose digits are shown.
func isInvisible(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' ||
		unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// isPart reports whether an invisible character belongs to its neighbours: a
// joiner in a word or in an emoji sequence, or a variation selector after what it varies.
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

// joins reports whether a joiner makes sense beside a character: letters, their
// marks, and emoji with their modifiers. A variation selector is a mark.
func joins(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.In(r, unicode.So, unicode.Sk)
}

// tagsOfFlag returns the tags that spell out a region after a black flag (UTS #51,
// ED-14a), or nothing.
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

// shorten cuts a name to a number of characters, within what stands before its extension.
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
