package mail

import (
	"bytes"
	"errors"
	"strings"
)

// Readdress returns a message of [Message.Bytes] with another recipient in its header.
func Readdress(raw []byte, to Address) ([]byte, error) {
	header, body, found := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !found {
		return nil, errors.New("a message without an end of its header")
	}
	var lines []string
	isTo := false
	for line := range strings.SplitSeq(string(header), "\r\n") {
		if folded := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t"); !folded {
			isTo = strings.HasPrefix(line, "To:")
		}
		if !isTo {
			lines = append(lines, line)
		}
	}
	// Each encoded word of a long name is on a line of its own.
	lines = append(lines, "To: "+strings.ReplaceAll(to.header().String(), "?= ", "?=\r\n "))
	return []byte(strings.Join(lines, "\r\n") + "\r\n\r\n" + string(body)), nil
}
