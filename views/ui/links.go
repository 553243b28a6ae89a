package ui

import (
	"iter"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// span is a stretch of a line: plain text, or a link whose text is its address.
type span struct {
	text string
	href string // "" for plain text; otherwise an address of the scheme http, https or mailto
}

// spans returns the stretches of a line in their order. Joined, their texts are the line.
func spans(line string) iter.Seq[span] { return (&linkFinder{line: line}).spans }

// mayHaveLink reports whether a line has "://" or "mailto:", one of which is in every link.
func mayHaveLink(line string) bool {
	if strings.Contains(line, "://") {
		return true
	}
	for rest := line; ; {
		before, after, found := strings.Cut(rest, ":")
		if !found {
			return false
		}
		if n := len(before) - len("mailto"); n >= 0 && strings.EqualFold(before[n:], "mailto") {
			return true
		}
		rest = after
	}
}

// linkFinder finds the addresses in a line, from left to right. Its work is linear
// in the length of the line: an attempt that fails has looked no further than the
// beginning of the next one, and one that succeeds is not repeated.
type linkFinder struct {
	line  string
	looks int // characters looked at so far, for the tests of the growth
}

func (l *linkFinder) spans(yield func(span) bool) {
	plain := 0 // where the text begins that is not yet returned
	for at := 0; at < len(l.line); {
		colon := strings.IndexByte(l.line[at:], ':')
		if colon < 0 {
			break
		}
		l.looks += colon + 1
		colon += at
		at = colon + 1
		start, end := l.link(colon)
		if end == 0 {
			continue
		}
		address := l.line[start:end]
		if plain < start && !yield(span{text: l.line[plain:start]}) || !yield(span{text: address, href: address}) {
			return
		}
		plain, at = end, end
	}
	if plain < len(l.line) {
		yield(span{text: l.line[plain:]})
	}
}

// link returns where the address begins and ends whose scheme ends at the colon;
// 0 and 0 if there is none.
func (l *linkFinder) link(colon int) (start, end int) {
	rest := l.line[colon+1:]
	switch {
	case strings.HasPrefix(rest, "//"):
		if start = l.scheme(colon, "https", "http"); start >= 0 {
			end = l.webEnd(colon + len("://"))
		}
	default:
		if start = l.scheme(colon, "mailto"); start >= 0 {
			end = l.mailEnd(colon + len(":"))
		}
	}
	if end == 0 {
		return 0, 0
	}
	return start, end
}

// scheme returns where one of the names begins that ends at the colon, or -1. A
// letter or digit of ASCII before it would belong to the scheme. Other letters would
// not: many scripts put no space before an address.
func (l *linkFinder) scheme(colon int, names ...string) int {
	for _, name := range names {
		start := colon - len(name)
		l.looks += len(name)
		if start < 0 || !strings.EqualFold(l.line[start:colon], name) {
			continue
		}
		if start == 0 || !isASCIIAlnum(rune(l.line[start-1])) {
			return start
		}
	}
	return -1
}

func isASCIIAlnum(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// webEnd returns the end of an address of the web whose host begins at the offset,
// or 0 if no host is there. Before its path an address ends at the first character
// that no host has, so that the link leads where its text says.
func (l *linkFinder) webEnd(at int) int {
	end := l.host(at)
	if end == 0 {
		return 0
	}
	end = l.port(end)
	rest := l.line[end:]
	switch {
	case rest != "" && strings.IndexByte("/?#", rest[0]) >= 0:
		return l.trim(end, l.word(end))
	case strings.HasPrefix(rest, "://") || l.hasUser(end):
		return 0
	}
	return at + len(strings.TrimRight(l.line[at:end], ".-"))
}

// mailEnd returns the end of a mail address that begins at the offset, with the
// headers of the letter (RFC 6068), or 0 if none is there.
func (l *linkFinder) mailEnd(at int) int {
	name := l.skip(at, func(r rune) bool { return !endsLink(r) && !strings.ContainsRune("@:/?#", r) })
	if name == at || name == len(l.line) || l.line[name] != '@' {
		return 0
	}
	end := l.host(name + 1)
	if end == 0 || l.line[name+1] == '[' {
		return 0
	}
	if end < len(l.line) && l.line[end] == '?' {
		return l.trim(end, l.word(end))
	}
	return name + 1 + len(strings.TrimRight(l.line[name+1:end], ".-"))
}

// host returns the end of the host that begins at the offset, or 0 if none is there.
func (l *linkFinder) host(at int) int {
	if strings.HasPrefix(l.line[at:], "[") {
		return l.ip6(at)
	}
	end := l.skip(at, isHostRune)
	end = at + leaveNextWord(l.line[at:end])
	if !isHost(strings.TrimRight(l.line[at:end], ".-")) {
		return 0
	}
	return end
}

// ip6 is host for an address of IPv6 in brackets.
func (l *linkFinder) ip6(at int) int {
	end := l.skip(at+1, func(r rune) bool { return isASCIIAlnum(r) || r == ':' || r == '.' })
	if end == len(l.line) || l.line[end] != ']' {
		return 0
	}
	if ip, err := netip.ParseAddr(l.line[at+1 : end]); err != nil || !ip.Is6() {
		return 0
	}
	return end + 1
}

// leaveNextWord returns the length of a host without the word behind it, where a
// script without spaces follows on: "https://example.com에서". No top-level domain
// has letters both of ASCII and of such a script.
func leaveNextWord(host string) int {
	last := strings.LastIndexByte(host, '.') + 1
	next := strings.IndexFunc(host[last:], isUnspaced)
	if next > 0 && isASCIIAlnum(rune(host[last])) {
		return last + next
	}
	return len(host)
}

// isUnspaced reports whether r belongs to a script that writes words without spaces
// between them, or adds endings directly to foreign words.
func isUnspaced(r rune) bool {
	return r >= 0xe00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan)
}

func isHostRune(r rune) bool {
	return isASCIIAlnum(r) || r == '.' || r == '-' || r == '_' || r > unicode.MaxASCII && r != utf8.RuneError && unicode.In(r, unicode.L, unicode.M, unicode.Nd)
}

// isHost reports whether a browser takes the name for a host: labels of 1 to 63
// characters, 253 in all (RFC 1035), and beyond ASCII what IDNA allows (UTS #46).
// The limits also bound the time that IDNA takes.
func isHost(name string) bool {
	if utf8.RuneCountInString(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if n := utf8.RuneCountInString(label); n < 1 || n > 63 {
			return false
		}
	}
	if !strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) {
		return true
	}
	// ToUnicode checks as ToASCII does, without the encoding in Punycode, whose time
	// grows with the square of the length.
	_, err := idna.Lookup.ToUnicode(name)
	return err == nil
}

// port returns the end of the port at the offset, or the offset if none is there.
func (l *linkFinder) port(at int) int {
	if at == len(l.line) || l.line[at] != ':' {
		return at
	}
	end := l.skip(at+1, func(r rune) bool { return r >= '0' && r <= '9' })
	if n := end - at - 1; n < 1 || n > 5 {
		return at
	}
	return end
}

// hasUser reports whether what looked like a host is a name to sign in with:
// https://example.com:80@example.org leads to example.org.
func (l *linkFinder) hasUser(at int) bool {
	end := l.skip(at, func(r rune) bool { return !endsLink(r) && !strings.ContainsRune("@/?#", r) })
	return end < len(l.line) && l.line[end] == '@'
}

// word returns the end of the stretch at the offset that has no character that ends a link.
func (l *linkFinder) word(at int) int {
	return l.skip(at, func(r rune) bool { return !endsLink(r) })
}

// skip returns the first offset from at whose character is not wanted.
func (l *linkFinder) skip(at int, wanted func(rune) bool) int {
	for i, r := range l.line[at:] {
		l.looks++
		if !wanted(r) {
			return at + i
		}
	}
	return len(l.line)
}

// trim returns the end of the path from start to end without the punctuation of the
// sentence around it. A closing bracket is part of the path where it is opened there.
func (l *linkFinder) trim(start, end int) int {
	path := l.line[start:end]
	l.looks += 2 * len(path)
	round := strings.Count(path, ")") - strings.Count(path, "(") // closed and not opened
	square := strings.Count(path, "]") - strings.Count(path, "[")
	for path != "" {
		l.looks++
		r, size := utf8.DecodeLastRuneInString(path)
		switch {
		case strings.ContainsRune(".,;:!?'*_~’·・〜～\u200c\u200d", r):
		case r == ')' && round > 0:
			round--
		case r == ']' && square > 0:
			square--
		default:
			return start + len(path)
		}
		path = path[:len(path)-size]
	}
	return start
}

// endsLink reports whether r ends an address at any position: space, quotes,
// brackets and sentence marks of every script but those that RFC 3986 gives a
// meaning, and format characters, which could show an address as another one.
func endsLink(r rune) bool {
	if r <= unicode.MaxASCII {
		return r <= ' ' || r == 0x7f || strings.ContainsRune("<>\"`{}|\\^", r)
	}
	switch r {
	case '’', '\u200c', '\u200d': // an apostrophe; parts of words in Persian, Hindi and emoji
		return false
	case utf8.RuneError, '…', '—', '―', '＂', '＇', '＜', '＞':
		return true
	}
	return unicode.In(r, unicode.Z, unicode.Cc, unicode.Cf, unicode.Ps, unicode.Pe, unicode.Pi, unicode.Pf, unicode.Terminal_Punctuation, unicode.Sentence_Terminal)
}
