package input

import (
	"cmp"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Identifiers that look the same are the same. Each kind has a form in which it
// is stored and shown, and a key by which it is compared. Both are computed here
// alone; the database stores the key beside the form and keeps it unique.

// EmailForm returns the stored form of an e-mail address: NFKC, without invisible
// characters, the domain in lower case and in letters (UTS #46), but in ASCII
// ("xn--") where a label mixes scripts. What cannot be converted stays as it is
// and fails [isEmailForm].
func EmailForm(address string) string {
	local, domain := splitEmail(address)
	if domain == "" {
		return local
	}
	ascii, err := domainProfile.ToASCII(domain)
	if err != nil {
		return local + "@" + domain
	}
	labels := strings.Split(ascii, ".")
	for i, label := range labels {
		if letters, err := domainProfile.ToUnicode(label); err == nil && isOneScript(letters) {
			labels[i] = letters
		}
	}
	return local + "@" + strings.Join(labels, ".")
}

// EmailKey returns the key of an e-mail address: the local part without regard
// to case, the domain in ASCII. For an address in ASCII it equals
// lower(email collate "C") of SQL.
func EmailKey(address string) string {
	local, domain := splitEmail(removeTurns(address))
	if ascii, err := domainProfile.ToASCII(domain); err == nil {
		domain = ascii
	}
	if domain == "" {
		return foldCase(local)
	}
	return foldCase(local) + "@" + foldCase(domain)
}

// isEmailForm reports whether an address can be stored: its form is stable, its
// domain can be converted to ASCII, its local part is unquoted, because
// "ana"@example.org is ana@example.org (RFC 5321, 4.1.2), nothing in it turns
// the writing round, and neither part has characters that look like others.
func isEmailForm(address string) bool {
	local, domain := splitEmail(address)
	_, err := domainProfile.ToASCII(domain)
	if err != nil || local == "" || domain == "" || strings.Contains(local, `"`) || strings.ContainsFunc(address, turns) {
		return false
	}
	if strings.ContainsFunc(local, looksLikeAnother) || !isOneScript(local) || !hasDomainLetters(domain) {
		return false
	}
	form := EmailForm(address)
	return EmailForm(form) == form && EmailKey(form) == EmailKey(address)
}

// looksLikeAnother reports whether r is a dash other than the hyphen-minus, the minus
// sign, or a blank of Braille.
func looksLikeAnother(r rune) bool {
	return r != '-' && unicode.Is(unicode.Pd, r) || r == '\u2212' || r == '\u2800'
}

// hasDomainLetters reports whether a domain has only characters that IDNA2008 allows in
// labels (PVALID, CONTEXTJ and CONTEXTO of RFC 5892), and "_".
func hasDomainLetters(domain string) bool {
	mapped, err := domainProfile.ToUnicode(domain)
	return err == nil && !strings.ContainsFunc(mapped, func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.Mn, unicode.Mc, unicode.Nd) && !strings.ContainsRune(domainOthers, r)
	})
}

// domainOthers are the characters of a domain that are no letters, marks or digits.
const domainOthers = ".-_\u00b7\u0375\u05f3\u05f4\u06fd\u06fe\u0f0b\u200c\u200d\u3007\u30fb"

// splitEmail splits an address at its last "@" and cleans the part before it. The
// domain keeps its joiners, which are letters there (RFC 5892, appendix A).
func splitEmail(address string) (local, domain string) {
	address = strings.TrimFunc(norm.NFKC.String(address), func(r rune) bool { return unicode.IsSpace(r) || removable(r) || turns(r) })
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return norm.NFKC.String(removeInvisible(address)), ""
	}
	return norm.NFKC.String(removeInvisible(address[:at])), strings.TrimRight(address[at+1:], ".\u3002")
}

// domainProfile is UTS #46, nontransitional. Hyphens anywhere and underscores are
// accepted, as domains in use have them.
var domainProfile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.CheckHyphens(false),
	idna.StrictDomainName(false), idna.VerifyDNSLength(true))

// NameForm returns the stored form of a name: NFC, without invisible characters
// other than those that shape their neighbours, one space between words.
func NameForm(name string) string {
	return joinWords(norm.NFC.String(without(name, removable)))
}

// NameKey returns the key of a name: NFKC, without invisible characters, without
// regard to case.
func NameKey(name string) string {
	return joinWords(foldCase(norm.NFKC.String(removeInvisible(removeTurns(name)))))
}

// removeInvisible removes every character for which [removable] holds.
func removeInvisible(s string) string { return removeAll(s, removable) }

// removeTurns removes what turns the writing round. Identifiers stored before it
// was refused may have it.
func removeTurns(s string) string { return removeAll(s, turns) }

func removeAll(s string, is func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if is(r) {
			return -1
		}
		return r
	}, s)
}

// removable reports whether r is an invisible character that an identifier does
// without. Those that end a line or turn the writing round are refused instead.
func removable(r rune) bool {
	return isInvisible(r) && !unicode.IsControl(r) && !turns(r) && r != '\u2028' && r != '\u2029'
}

// turns reports whether r turns round the writing that follows it. A name stands
// within our own words ("… is here"), and must not change how they read.
// Names in writing from right to left need none of these.
func turns(r rune) bool { return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' }

// joinWords puts one space in place of every run of spaces and blanks.
func joinWords(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.Is(unicode.Zs, r) || r == '\u2800' }), " ")
}

// foldCase maps letters that differ in case alone to one of them: Unicode's simple
// case folding, in which ß is not ss and ı is not i.
func foldCase(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 'ı' {
			return r
		}
		return unicode.ToLower(unicode.ToUpper(r))
	}, s)
}

// isOneScript reports whether all letters of a domain's label are of one script.
// The scripts in which Chinese, Japanese and Korean are written count as one.
func isOneScript(label string) bool {
	first := ""
	for _, r := range label {
		script := scriptOf(r)
		if first = cmp.Or(first, script); script != "" && script != first {
			return false
		}
	}
	return true
}

// scriptOf returns the script of r, "" if r is used in several.
func scriptOf(r rune) string {
	if r <= unicode.MaxASCII && unicode.IsLetter(r) {
		return "Latin"
	}
	for name, table := range unicode.Scripts {
		if !unicode.Is(table, r) {
			continue
		}
		switch name {
		case "Common", "Inherited":
			return ""
		case "Han", "Hiragana", "Katakana", "Bopomofo", "Hangul":
			return "Han"
		}
		return name
	}
	return ""
}
