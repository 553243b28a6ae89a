package mail

import (
	"fmt"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// maxSegment is the maximum length of a part of an encoded name, so that lines stay below 78 characters.
const maxSegment = 54

// named sets the headers with the name of a file, if it has letters outside ASCII. go-mail writes
// encoded words in quotes, which RFC 2047, 5 forbids, on one line that may be longer than servers accept.
func named(f File) gomail.FileOption {
	name := headerText(f.Name)
	return func(out *gomail.File) {
		if isNotASCII(name) {
			out.Header.Set("Content-Type", OneLine(f.ContentType))
			out.Header.Set("Content-Disposition", disposition(name))
		}
	}
}

// disposition returns a Content-Disposition with a name that is encoded and, if it is long, divided into
// lines, as RFC 2231, 3 and 4 describe.
func disposition(name string) string {
	parts := []string{"utf-8''"}
	for i := range len(name) {
		c := fmt.Sprintf("%%%02X", name[i])
		if isAttributeChar(name[i]) {
			c = name[i : i+1]
		}
		if last := len(parts) - 1; len(parts[last])+len(c) <= maxSegment {
			parts[last] += c
		} else {
			parts = append(parts, c)
		}
	}
	if len(parts) == 1 {
		return "attachment;\r\n filename*=" + parts[0]
	}
	out := "attachment"
	for n, part := range parts {
		out += fmt.Sprintf(";\r\n filename*%d*=%s", n, part)
	}
	return out
}

// isAttributeChar reports whether a byte needs no encoding in a parameter (RFC 2231, 7).
func isAttributeChar(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte("-._~", c) >= 0
}
