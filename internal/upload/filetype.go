package upload

import (
	"bytes"
	"io"
	"mime"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Media types of files that have no type of their own, see [typeOf].
const (
	anyType  = "application/octet-stream"
	textType = "text/plain"
)

// Charsets of text files, by their IANA names.
const (
	charsetUTF8  = "utf-8"
	charsetUTF16 = "utf-16" // with a byte order mark
)

// headLength is the number of bytes from which the type of a file is detected.
const headLength = 512

// typeOf returns the media type of a file from its first bytes. The filename and the
// type that the client sent are ignored. The list has only types that browsers do not
// execute. Any other file is [textType] here, and [textCheck] then checks whether all of
// it is text.
func typeOf(head []byte) string {
	has := func(prefix string) bool { return bytes.HasPrefix(head, []byte(prefix)) }
	switch {
	case has("\x89PNG\r\n\x1a\n"):
		return "image/png"
	case has("\xff\xd8\xff"):
		return "image/jpeg"
	case has("GIF87a"), has("GIF89a"):
		return "image/gif"
	case has("RIFF") && len(head) >= 14 && string(head[8:14]) == "WEBPVP":
		return "image/webp"
	case has("%PDF-"):
		return "application/pdf"
	}
	return textType
}

// IsImage reports whether a page may show a file of this type as an image.
func IsImage(contentType string) bool { return strings.HasPrefix(contentType, "image/") }

// MediaType returns the media type of a file with its charset. The charset is "" if it was
// not checked.
func MediaType(contentType, charset string) string {
	kind, _, _ := strings.Cut(contentType, ";") // older rows name a charset that was not checked
	if charset == "" {
		return kind
	}
	return mime.FormatMediaType(kind, map[string]string{"charset": charset})
}

// textCheck is a writer that checks whether a file is plain text, and in which charset.
// It keeps at most [headLength] bytes and one incomplete character of the file.
type textCheck struct {
	head    []byte         // the beginning of the text in UTF-8
	cut     []byte         // the incomplete character at the end of the last piece
	binary  bool           // the file has control characters
	invalid bool           // the file is not valid in its charset
	utf16   io.WriteCloser // decodes UTF-16 and passes it to check; nil for other files
}

// newTextCheck returns a check for a file that begins with head. UTF-16 is recognised
// only by its byte order mark.
func newTextCheck(head []byte) *textCheck {
	c := &textCheck{}
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		c.utf16 = transform.NewWriter(writerFunc(c.check), unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder())
	}
	return c
}

// writerFunc is a function that implements [io.Writer].
type writerFunc func(p []byte)

// Write calls f and returns no error.
func (f writerFunc) Write(p []byte) (int, error) { f(p); return len(p), nil }

// Write checks the next piece of the file.
func (c *textCheck) Write(p []byte) (int, error) {
	if c.utf16 != nil {
		return c.utf16.Write(p)
	}
	c.check(p)
	return len(p), nil
}

// controls are the ASCII control characters that plain text does not have (RFC 2046,
// 4.1.2): all except tab, line feed, form feed and carriage return.
const controls = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f"

// check checks the next piece of a text in UTF-8.
func (c *textCheck) check(p []byte) {
	c.head = append(c.head, p[:min(len(p), headLength-len(c.head))]...)
	c.binary = c.binary || bytes.ContainsAny(p, controls)
	if c.invalid || c.binary {
		return
	}
	text := p
	if len(c.cut) > 0 {
		text = slices.Concat(c.cut, p)
	}
	whole := len(text) - len(cutCharacter(text))
	c.invalid = !utf8.Valid(text[:whole]) || c.utf16 != nil && bytes.ContainsRune(text[:whole], utf8.RuneError)
	c.cut = bytes.Clone(text[whole:])
}

// cutCharacter returns the incomplete UTF-8 character at the end of text, or nil.
func cutCharacter(text []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if last := text[len(text)-n:]; utf8.RuneStart(last[0]) {
			if utf8.FullRune(last) {
				return nil
			}
			return last
		}
	}
	return nil
}

// result returns the type and the charset of a file after its last byte was written. A
// text that begins with "<" is not served as text, because it may be SVG or HTML.
func (c *textCheck) result() (contentType, charset string) {
	if c.utf16 != nil {
		c.invalid = c.utf16.Close() != nil || c.invalid
	}
	head := bytes.TrimSpace(bytes.TrimPrefix(c.head, []byte("\ufeff")))
	valid := !c.invalid && len(c.cut) == 0
	switch {
	case c.binary, bytes.HasPrefix(head, []byte("<")), c.utf16 != nil && !valid:
		return anyType, ""
	case c.utf16 != nil:
		return textType, charsetUTF16
	case valid:
		return textType, charsetUTF8
	}
	return textType, ""
}
