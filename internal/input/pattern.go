package input

import (
	"cmp"
	"strings"
)

// The rules of text as regular expressions of JSON Schema, for the API's document.
// They are written for ECMA-262 with the flag u and for RE2 alike: characters
// that the two escape in different ways stand as themselves.
const (
	storablePattern = `^[^\x00]*$`
	prosePattern    = `^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]*$` // CR is stored as LF
	linePattern     = `^[^\x00-\x1F\x7F-\x9F` + lineEnds + `]*$`
	namePattern     = `^[^\x00-\x1F\x7F-\x9F` + lineEnds + "\u202A-\u202E\u2066-\u2069" + `]*$`

	// VisiblePattern finds a character that shows by itself: none of the blank ones,
	// or a format character that is drawn (Prepended_Concatenation_Mark).
	VisiblePattern = `[^\p{M}\p{Z}\p{Cc}\p{Cf}` + blanks + `]|[` + drawn + `]`

	lineEnds = "\u2028\u2029"
	blanks   = "\u115F\u1160\u2065\u2800\u3164\uFFA0\uFFF0-\uFFF8\U0001D159\U000E0000-\U000E0FFF"
	drawn    = "\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\U000110BD\U000110CD"
)

var charPatterns = map[string]string{"storable": storablePattern, "text": prosePattern, "line": linePattern, "name": namePattern}

// addPatterns adds the patterns that a text under the rules of a tag has to match.
// A required text must show something, unless the space around it is kept, as that
// of passwords is.
func (r *Rule) addPatterns(tag string, keepsSpace bool) {
	if r.OneOf != nil {
		return
	}
	for part := range strings.SplitSeq(tag, ",") {
		r.Pattern = cmp.Or(charPatterns[part], r.Pattern)
	}
	r.Visible = r.Required && !keepsSpace
}
