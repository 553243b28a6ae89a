package input

import (
	"cmp"
	"strings"
)

// The rules of texts as regular expressions of JSON Schema, for the API's document. They
// are valid both in ECMA-262 with the flag u and in RE2. Characters that the two escape
// in different ways are written literally.
const (
	storablePattern = `^[^\x00]*$`
	prosePattern    = `^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]*$` // CR is stored as LF
	linePattern     = `^[^\x00-\x1F\x7F-\x9F` + lineEnds + `]*$`
	namePattern     = `^[^\x00-\x1F\x7F-\x9F` + lineEnds + "\u202A-\u202E\u2066-\u2069" + `]*$`

	// VisiblePattern matches a text that has a visible character: one that is not blank,
	// or a format character that is drawn (Prepended_Concatenation_Mark).
	VisiblePattern = `[^\p{M}\p{Z}\p{Cc}\p{Cf}` + blanks + nonchars + `]|[` + drawn + `]`

	lineEnds = "\u2028\u2029"
	blanks   = "\u115F\u1160\u2065\u2800\u3164\uFFA0\uFFF0-\uFFF8\U00013441\U00013442\U0001D159\U000E0000-\U000E0FFF"
	nonchars = "\uFDD0-\uFDEF\uFFFE\uFFFF" + // U+FDD0 to U+FDEF, and the last two of each plane
		"\U0001FFFE\U0001FFFF\U0002FFFE\U0002FFFF\U0003FFFE\U0003FFFF\U0004FFFE\U0004FFFF" +
		"\U0005FFFE\U0005FFFF\U0006FFFE\U0006FFFF\U0007FFFE\U0007FFFF\U0008FFFE\U0008FFFF" +
		"\U0009FFFE\U0009FFFF\U000AFFFE\U000AFFFF\U000BFFFE\U000BFFFF\U000CFFFE\U000CFFFF" +
		"\U000DFFFE\U000DFFFF\U000EFFFE\U000EFFFF\U000FFFFE\U000FFFFF\U0010FFFE\U0010FFFF"
	drawn = "\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\U000110BD\U000110CD"
)

// charPatterns has the pattern of each tag that restricts characters.
var charPatterns = map[string]string{"storable": storablePattern, "text": prosePattern, "line": linePattern, "name": namePattern}

// addPatterns sets the patterns that a text with the rules of a tag must match. A
// required text must have a visible character, unless the space around it is kept, as for
// passwords.
func (r *Rule) addPatterns(tag string, keepsSpace bool) {
	if r.OneOf != nil {
		return
	}
	for part := range strings.SplitSeq(tag, ",") {
		r.Pattern = cmp.Or(charPatterns[part], r.Pattern)
	}
	r.Visible = r.Required && !keepsSpace
}
