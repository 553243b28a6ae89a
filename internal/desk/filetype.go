package desk

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

// Types that files are served with. A file of no other type is [anyType].
const (
	anyType  = "application/octet-stream"
	textType = "text/plain"
)

// Charsets of text files, by their IANA names.
const (
	charsetUTF8  = "utf-8"
	charsetUTF16 = "utf-16" // with a byte order mark
)

// headLength is how many bytes of a file tell its type.
const headLength = 512

// typeOf returns the type of a file by how it begins, whatever its name or its
// sender say. The list is short on purpose: nothing that a browser would run is in
// it. Whether a text is text to its end tells a [textCheck].
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

// IsImage reports whether a file of this type may be shown in a page.
func IsImage(contentType string) bool { return strings.HasPrefix(contentType, "image/") }

// MediaType returns the type of a file with its charset, if all of the file is known to be in it.
func MediaType(a Attachment) string {
	kind, _, _ := strings.Cut(a.ContentType, ";") // older rows name a charset that was not checked
	if a.Charset == "" {
		return kind
	}
	return mime.FormatMediaType(kind, map[string]string{"charset": a.Charset})
}

// textCheck is a writer that finds out whether all of a file is plain text, and in
// which charset. It holds a few bytes of the file at a time.
type textCheck struct {
	head    []byte         // how the text begins, in UTF-8
	cut     []byte         // the beginning of a character that the last piece ended with
	binary  bool           // there are control characters
	invalid bool           // not UTF-8
	utf16   io.WriteCloser // decodes UTF-16 into the check; nil for other files
}

// newTextCheck returns the check for a file that begins with head. Only a byte
// order mark makes it UTF-16.
func newTextCheck(head []byte) *textCheck {
	c := &textCheck{}
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		c.utf16 = transform.NewWriter(writerFunc(c.check), unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder())
	}
	return c
}

type writerFunc func(p []byte)

func (f writerFunc) Write(p []byte) (int, error) { f(p); return len(p), nil }

// Write checks the next piece of the file.
func (c *textCheck) Write(p []byte) (int, error) {
	if c.utf16 != nil {
		return c.utf16.Write(p)
	}
	c.check(p)
	return len(p), nil
}

// controls are the ASCII characters that no plain text has (RFC 2046, 4.1.2): all
// but tab, line feed, form feed and carriage return.
const controls = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f"

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

// cutCharacter returns the beginning of a character that text ends with, or nothing.
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

// result returns the type and the charset of a file whose end was reached. Markup
// is no plain text, as SVG and HTML are text too.
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
