package input

import (
	"cmp"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Identifiers that look the same are treated as the same. Each kind of identifier has a
// form, which is stored and shown, and a key, by which identifiers are compared. Both are
// computed only in this file. The database stores the key beside the form and has a
// unique constraint on it.

// EmailForm returns the stored form of an e-mail address: NFKC, without invisible
// characters, with the domain in lower case and in Unicode (UTS #46). A label that mixes
// scripts is in ASCII ("xn--"). A domain that cannot be converted is returned unchanged,
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

// EmailKey returns the key of an e-mail address: the local part with folded case, and the
// domain in ASCII. For an address in ASCII it equals lower(email collate "C") in SQL.
func EmailKey(address string) string {
	local, domain := splitEmail(removeDirectionControls(address))
	if ascii, err := domainProfile.ToASCII(domain); err == nil {
		domain = ascii
	}
	if domain == "" {
		return foldCase(local)
	}
	return foldCase(local) + "@" + foldCase(domain)
}

// isEmailForm reports whether an address can be stored: its form is stable, its domain
// can be converted to ASCII, it has no bidirectional control characters, and neither part
// has characters that look like others. The local part must not be quoted, because
// "ana"@example.org is the same address as ana@example.org (RFC 5321, 4.1.2).
func isEmailForm(address string) bool {
	local, domain := splitEmail(address)
	_, err := domainProfile.ToASCII(domain)
	if err != nil || local == "" || domain == "" || strings.Contains(local, `"`) || strings.ContainsFunc(address, IsDirectionControl) {
		return false
	}
	if strings.ContainsFunc(local, looksLikeAnother) || !isOneScript(local) || !hasDomainLetters(domain) {
		return false
	}
	form := EmailForm(address)
	return EmailForm(form) == form && EmailKey(form) == EmailKey(address)
}

// looksLikeAnother reports whether r is a dash other than the hyphen-minus, the minus
// sign, or the blank Braille pattern.
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

// domainOthers are the allowed characters of a domain that are not letters, marks or
// digits.
const domainOthers = ".-_\u00b7\u0375\u05f3\u05f4\u06fd\u06fe\u0f0b\u200c\u200d\u3007\u30fb"

// splitEmail splits an address at its last "@" and removes invisible characters from the
// local part. The domain keeps its joiners, which are allowed in labels (RFC 5892,
// appendix A).
func splitEmail(address string) (local, domain string) {
	address = strings.TrimFunc(norm.NFKC.String(address), func(r rune) bool { return unicode.IsSpace(r) || removable(r) || IsDirectionControl(r) })
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return norm.NFKC.String(removeInvisible(address)), ""
	}
	return norm.NFKC.String(removeInvisible(address[:at])), strings.TrimRight(address[at+1:], ".\u3002")
}

// domainProfile is UTS #46 processing, nontransitional. It accepts hyphens in any position
// and underscores, because existing domains have them.
var domainProfile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.CheckHyphens(false),
	idna.StrictDomainName(false), idna.VerifyDNSLength(true))

// NameForm returns the stored form of a name: NFC, without invisible characters
// other than those that shape their neighbours, one space between words.
func NameForm(name string) string {
	return joinWords(norm.NFC.String(without(name, removable)))
}

// NameKey returns the key of a name: NFKC, without invisible characters, with folded case.
func NameKey(name string) string {
	return joinWords(foldCase(norm.NFKC.String(removeInvisible(removeDirectionControls(name)))))
}

// removeInvisible removes every character for which [removable] holds.
func removeInvisible(s string) string { return removeAll(s, removable) }

// removeDirectionControls removes bidirectional control characters. Identifiers that were stored
// before these were refused may have them.
func removeDirectionControls(s string) string { return removeAll(s, IsDirectionControl) }

// removeAll removes the characters for which is returns true.
func removeAll(s string, is func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if is(r) {
			return -1
		}
		return r
	}, s)
}

// removable reports whether r is an invisible character that is removed from
// identifiers. Line ends and bidirectional control characters are refused instead.
func removable(r rune) bool {
	return isInvisible(r) && !unicode.IsControl(r) && !IsDirectionControl(r) && r != '\u2028' && r != '\u2029'
}

// IsDirectionControl reports whether r begins or ends an embedding, override or isolate, which change
// the direction of text (UAX #9). Pages show names within sentences, whose direction a name
// must not change. Names in right-to-left scripts do not need these characters.
func IsDirectionControl(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// joinWords replaces each sequence of spaces and blank Braille patterns by one space.
func joinWords(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.Is(unicode.Zs, r) || r == '\u2800' }), " ")
}

// foldCase maps letters that differ only in case to the same letter. It is Unicode's
// simple case folding: ß does not become ss, and ı does not become i.
func foldCase(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 'ı' {
			return r
		}
		return unicode.ToLower(unicode.ToUpper(r))
	}, s)
}

// isOneScript reports whether all letters of a label are of one script. The scripts of
// Chinese, Japanese and Korean count as one.
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

// scriptOf returns the name of the script of r, or "" if r is used in several scripts.
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
