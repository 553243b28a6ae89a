package mail

import (
	"bytes"
	"context"
	"fmt"
	"strings"
)

// DialogueLine is a line of the dialogue with a server.
type DialogueLine struct {
	Server bool   // sent by the server
	Text   string // on one line; passwords are replaced
}

// maxLines is the maximum number of lines of a dialogue that are recorded.
const maxLines = 100

// Try sends a message and returns the dialogue. The message itself and passwords are left
// out. The error is that of [Dial] or of [Session.Send]. The lines before TLS are not recorded.
func Try(ctx context.Context, server Server, limits Timeouts, e Envelope) ([]DialogueLine, error) {
	r := recorder{hide: server.hide}
	r.add(DialogueLine{Text: fmt.Sprintf("(connects to %s)", server.Addr())})
	s, err := dial(ctx, server, limits, &r)
	if err != nil {
		return r.end(err), err
	}
	defer s.Close()
	result, err := s.Send(ctx, e)
	if err != nil {
		return r.end(err), err
	}
	r.add(DialogueLine{Text: "(the message)"})
	r.add(DialogueLine{Server: true, Text: "250 " + result.QueueText})
	return r.end(nil), nil
}

// recorder records a dialogue. It is an io.Writer for both directions: the lines of servers begin
// with a code.
type recorder struct {
	hide    func(string) string // replaces the password in a line of the server
	lines   []DialogueLine
	rest    []byte // of a line that is not complete
	signing bool   // the client sends a password
	data    bool   // the client sends the message
}

// Write implements io.Writer.
func (r *recorder) Write(p []byte) (int, error) {
	r.rest = append(r.rest, p...)
	for !r.data {
		line, rest, complete := bytes.Cut(r.rest, []byte("\n"))
		if !complete {
			return len(p), nil
		}
		r.rest = rest
		r.record(string(line))
	}
	r.rest = nil
	return len(p), nil
}

// record records one line.
func (r *recorder) record(line string) {
	line = short(r.hide(line))
	verb, rest, _ := strings.Cut(line, " ")
	switch {
	case isReply(line):
		r.data = strings.HasPrefix(line, "354")
		r.signing = r.signing && line[0] == '3'
		r.add(DialogueLine{Server: true, Text: line})
	case strings.EqualFold(verb, "AUTH"):
		method, _, _ := strings.Cut(rest, " ")
		r.signing = true
		r.add(DialogueLine{Text: "AUTH " + method + " ••••"})
	case r.signing:
		r.add(DialogueLine{Text: "••••"})
	case line != "":
		r.add(DialogueLine{Text: line})
	}
}

func (r *recorder) add(l DialogueLine) {
	if len(r.lines) < maxLines {
		r.lines = append(r.lines, l)
	}
}

// end returns the dialogue. An error that is no answer of the server is its last line.
func (r *recorder) end(err error) []DialogueLine {
	if f, ok := err.(*Failure); ok && (f.Code == 0 || f.Step == StepEnd || len(r.lines) == 1) {
		r.add(DialogueLine{Text: "(" + f.Error() + ")"})
	}
	return r.lines
}

// isReply reports whether a line begins as an answer of a server (RFC 5321, 4.2).
func isReply(line string) bool {
	if len(line) < 3 || len(line) > 3 && line[3] != ' ' && line[3] != '-' {
		return false
	}
	return strings.IndexFunc(line[:3], func(r rune) bool { return r < '0' || r > '9' }) < 0 && line[0] >= '2' && line[0] <= '5'
}
