package mail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-smtp"
)

// Envelope is a message with its sender and recipients.
type Envelope struct {
	From string
	To   []string
	Data []byte
	// BeforeEnd, if not nil, is called after the data and before the final dot, with which the server
	// takes over the message. After an error of it the dot is not sent.
	BeforeEnd func() error
}

// Result has the outcome of each recipient, in the order of the envelope.
type Result struct {
	Recipients []Failure // with the outcome Accepted for those whose message the server has
	QueueText  string    // the server's answer to the final dot, which usually has its id of the message
}

// Send sends one message. If no recipient was accepted, or if a step failed that concerns them all,
// its error is a [*Failure]; Recipients then has the recipients that were refused before. An error
// of BeforeEnd is returned as it is. If ctx ends before the final dot, so does the dialogue; after it the answer
// is awaited.
func (s *Session) Send(ctx context.Context, e Envelope) (Result, error) {
	stop := context.AfterFunc(ctx, func() { s.conn.Close() })
	defer stop()
	s.count++
	r := Result{Recipients: make([]Failure, len(e.To))}
	if size, ok := s.client.MaxMessageSize(); ok && size > 0 && len(e.Data) > size {
		return r, &Failure{Step: StepSender, Outcome: TooLarge, Code: 552, Enhanced: "5.3.4", Text: fmt.Sprintf("the message has %d bytes, and the server accepts %d", len(e.Data), size)}
	}
	utf8, err := s.sender(e)
	if err != nil {
		return r, s.fail(err)
	}
	var last *Failure
	accepted := 0
	for i, to := range e.To {
		if last = s.recipient(to, utf8); last == nil {
			accepted++
			continue
		}
		r.Recipients[i] = *last
		if last.Outcome == NotAllowed || last.Outcome == TryServerLater {
			return r, s.fail(last)
		}
	}
	if accepted == 0 {
		return r, s.fail(last)
	}
	r.QueueText, err = s.data(e, stop)
	return r, s.fail(err)
}

const onlyASCII = "the server does not accept addresses with letters outside ASCII"

// sender sends MAIL. It reports whether the envelope needs SMTPUTF8 and the server has it.
func (s *Session) sender(e Envelope) (utf8 bool, err error) {
	if isNotASCII(e.From) || slices.ContainsFunc(e.To, isNotASCII) {
		utf8, _ = s.client.Extension("SMTPUTF8")
	}
	if isNotASCII(e.From) && !utf8 {
		return false, &Failure{Step: StepSender, Outcome: NotAllowed, Code: 553, Enhanced: "5.6.7", Text: onlyASCII}
	}
	if err := s.client.Mail(e.From, &smtp.MailOptions{UTF8: utf8, Size: int64(len(e.Data))}); err != nil {
		return utf8, failure(StepSender, err)
	}
	return utf8, nil
}

// recipient sends RCPT. It returns nil if the server accepts the recipient.
func (s *Session) recipient(to string, utf8 bool) *Failure {
	if isNotASCII(to) && !utf8 {
		return &Failure{Step: StepRecipient, Outcome: Refused, Code: 553, Enhanced: "5.6.7", Text: onlyASCII}
	}
	if err := s.client.Rcpt(to, nil); err != nil {
		return s.aboutMessage(failure(StepRecipient, err))
	}
	return nil
}

func isNotASCII(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r > 127 })
}

// aboutMessage returns the failure of a step after MAIL. If the session has signed in, an answer about a sign-in
// does not concern the mailbox: it is that of another server, which ours asks about the recipient.
func (s *Session) aboutMessage(f *Failure) *Failure {
	if s.server.User != "" && f.Outcome == NotAllowed {
		f.Outcome = Refused
	}
	return f
}

// data sends the message and returns the server's answer to the final dot. Before the dot it calls atEnd.
func (s *Session) data(e Envelope, atEnd func() bool) (answer string, err error) {
	w, err := s.client.Data()
	if err != nil {
		return "", s.aboutMessage(failure(StepData, err))
	}
	if _, err := w.Write(e.Data); err != nil {
		return "", failure(StepData, err)
	}
	if e.BeforeEnd != nil {
		if err := e.BeforeEnd(); err != nil {
			s.broken = true
			s.conn.Close() // without a dot, so that the server drops the message
			return "", err
		}
	}
	atEnd()
	got, err := w.CloseWithResponse()
	var reply *smtp.SMTPError
	if errors.As(err, &reply) && reply.Code/100 == 2 { // the first digit decides (RFC 5321, 4.2.1)
		return short(reply.Message), nil
	}
	if err != nil {
		return "", s.aboutMessage(failure(StepEnd, err))
	}
	return short(got.StatusText), nil
}
