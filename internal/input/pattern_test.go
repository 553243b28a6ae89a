package input

import (
	"regexp"
	"testing"
	"unicode/utf8"
)

func TestThePatternsOfTextMatchTheChecks(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		pattern string
		holds   func(string) bool
	}{
		"storable": {storablePattern, IsText},
		"text":     {prosePattern, func(s string) bool { return isProse(s) || s == "\r" }},
		"line":     {linePattern, isLine},
		"name":     {namePattern, func(s string) bool { return isLine(s) && !IsDirectionControl([]rune(s)[0]) }},
		"visible":  {VisiblePattern, func(s string) bool { return !IsBlank(s) }},
	} {
		re := regexp.MustCompile(c.pattern)
		for r := rune(0); r <= utf8.MaxRune; r++ {
			if r > 0x3FFFF && r < 0xE0000 && r%251 != 0 {
				continue // Unicode has no characters there
			}
			if s := string(r); utf8.ValidRune(r) && re.MatchString(s) != c.holds(s) {
				t.Errorf("%s: U+%04X matches: %t, is accepted: %t", what, r, re.MatchString(s), c.holds(s))
			}
		}
	}
}
