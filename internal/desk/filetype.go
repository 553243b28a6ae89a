package desk

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Types that files are served with. What is none of them is [anyType].
const (
	anyType  = "application/octet-stream"
	textType = "text/plain; charset=utf-8"
)

// headLength is how many bytes of a file tell its type.
const headLength = 512

// typeOf tells a file's type by how it begins, whatever its name or its sender
// say. The list is short on purpose: nothing that a browser would run is in it.
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
	case isPlain(head):
		return textType
	}
	return anyType
}

// isPlain reports whether head is text that is no markup: SVG and HTML are text too.
func isPlain(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte("\ufeff"))
	if len(head) == 0 || bytes.HasPrefix(bytes.TrimSpace(head), []byte("<")) {
		return false
	}
	for len(head) > 0 {
		r, n := utf8.DecodeRune(head)
		if r == utf8.RuneError && n == 1 && len(head) >= utf8.UTFMax {
			return false
		}
		if unicode.IsControl(r) && !strings.ContainsRune("\t\n\r\f", r) {
			return false
		}
		head = head[n:]
	}
	return true
}

// IsImage reports whether a file of this type may be shown in a page.
func IsImage(contentType string) bool { return strings.HasPrefix(contentType, "image/") }
