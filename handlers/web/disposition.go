package web

import (
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"frontdesk/internal/desk"
	"frontdesk/internal/upload"
)

// disposition returns the Content-Disposition of a download (RFC 6266). The name
// is always sent as filename* (RFC 8187), because browsers decode percent signs
// in filename; the ASCII form is for clients that do not know filename*.
func disposition(file desk.Attachment) string {
	kind := "attachment"
	if upload.IsImage(file.ContentType) {
		kind = "inline"
	}
	return kind + `; filename="` + asciiName(file.Filename) + `"; filename*=UTF-8''` + extendedValue(file.Filename)
}

// asciiName returns name with an underscore for every character that clients
// read in different ways within quotes (RFC 6266, appendix D).
func asciiName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\%`, r) {
			return '_'
		}
		return r
	}, name)
}

// extendedValue returns name in UTF-8 with everything percent-encoded that is not
// an attr-char (RFC 8187, 3.2.1).
func extendedValue(name string) string {
	const hex, punctuation = "0123456789ABCDEF", "!#$&+-.^_`|~"
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(punctuation, c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

// partHead is the header of one part of multipart/form-data (RFC 7578, 4.2).
type partHead struct {
	field    string // its name; "" if there is none
	filename string // as the client wrote it
	named    bool   // there is a filename, which may be empty or unreadable
}

// readPartHead reads the Content-Disposition of a part. It accepts what clients
// are known to send beside RFC 7578, so that no file is taken for a text: quotes
// within the quotes, a parameter that comes twice (the first one counts),
// filename* in any charset, and names in Latin-1.
func readPartHead(h textproto.MIMEHeader) partHead {
	kind, params := splitDisposition(h.Get("Content-Disposition"))
	var head partHead
	for name := range params {
		head.named = head.named || name == "filename" || strings.HasPrefix(name, "filename*")
	}
	head.filename = filenameOf(params)
	if strings.EqualFold(kind, "form-data") {
		head.field = params["name"]
	}
	return head
}

// filenameOf returns the name of a file. RFC 6266 (4.3) prefers filename*.
func filenameOf(params map[string]string) string {
	if extended := decodeExtended(params["filename*"]); extended != "" {
		return extended
	}
	name, ok := params["filename"]
	if !ok {
		name = continued(params)
	}
	return asUTF8(formEscapes.Replace(name))
}

// formEscapes are the only escapes of browsers in a filename (HTML Standard,
// multipart/form-data encoding algorithm). They leave other percent signs alone.
var formEscapes = strings.NewReplacer("%22", `"`, "%0D", "\r", "%0A", "\n")

// continued joins a name that comes in pieces: filename*0, filename*1*, and so on (RFC 2231, 3).
func continued(params map[string]string) string {
	var b strings.Builder
	for i := 0; ; i++ {
		key := "filename*" + strconv.Itoa(i)
		if piece, ok := params[key]; ok {
			b.WriteString(piece)
		} else if piece, ok := params[key+"*"]; ok {
			b.WriteString(decodeExtended(piece))
		} else {
			return b.String()
		}
	}
}

// decodeExtended decodes charset'language'percent-encoded (RFC 8187, 3.2). Only
// the first piece of a continued name has a charset. An unknown one is taken for
// UTF-8 if the bytes are, else for Windows-1252.
func decodeExtended(value string) string {
	if parts := strings.SplitN(value, "'", 3); len(parts) == 3 {
		value = parts[2]
	}
	if raw, err := url.PathUnescape(value); err == nil {
		value = raw
	}
	return asUTF8(value)
}

// asUTF8 returns text that is not UTF-8 as Windows-1252, which contains Latin-1's
// letters: the charset of clients that do not use UTF-8.
func asUTF8(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	decoded, err := charmap.Windows1252.NewDecoder().String(text)
	if err != nil {
		return strings.ToValidUTF8(text, "")
	}
	return decoded
}

// splitDisposition splits a header into its type and its parameters, by their
// names in lower case. A parameter that comes twice has its first value.
func splitDisposition(header string) (kind string, params map[string]string) {
	kind, rest, _ := strings.Cut(header, ";")
	params = map[string]string{}
	for rest != "" {
		rest = strings.TrimLeft(rest, "; \t")
		name, value := rest, ""
		if end := strings.IndexAny(rest, "=;"); end >= 0 {
			name, rest = rest[:end], rest[end:]
		} else {
			rest = ""
		}
		if strings.HasPrefix(rest, "=") {
			value, rest = paramValue(strings.TrimLeft(rest[1:], " \t"))
		}
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := params[name]; !twice && name != "" {
			params[name] = value
		}
	}
	return strings.TrimSpace(kind), params
}

// paramValue cuts the value that text begins with. A value in quotes ends at the
// quote after which the header ends or another parameter begins: some clients
// leave quotes within it as they are. Without such a quote all of it is the value.
func paramValue(text string) (value, rest string) {
	if !strings.HasPrefix(text, `"`) {
		value, rest, _ = strings.Cut(text, ";")
		return strings.TrimSpace(value), rest
	}
	text = text[1:]
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && isEscape(text[i+1:]):
			i++
		case text[i] == '"' && endsValue(text[i+1:]):
			return unquote(text[:i]), text[i+1:]
		}
	}
	return unquote(strings.TrimSuffix(text, `"`)), ""
}

// isEscape reports whether a backslash escapes what follows it. Before the quote
// that ends the header it is the end of a name: browsers do not escape.
func isEscape(after string) bool {
	return strings.HasPrefix(after, `\`) || strings.HasPrefix(after, `"`) && strings.TrimSpace(after[1:]) != ""
}

// endsValue reports whether what follows a quote ends a value.
func endsValue(after string) bool {
	after = strings.TrimLeft(after, " \t")
	if after == "" {
		return true
	}
	next, found := strings.CutPrefix(after, ";")
	if !found {
		return false // without a look at the rest: a name may be full of quotes
	}
	name := strings.TrimSpace(next)
	if end := strings.IndexAny(next, "=;"); end >= 0 {
		name = strings.TrimSpace(next[:end])
	}
	return !strings.ContainsAny(name, " \t\"\\")
}

// unquote removes the backslashes of RFC 9110 (5.6.4), and leaves those of paths
// on Windows, which precede other characters.
func unquote(text string) string { return quotedPairs.Replace(text) }

var quotedPairs = strings.NewReplacer(`\\`, `\`, `\"`, `"`)
