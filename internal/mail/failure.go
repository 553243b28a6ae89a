package mail

import (
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-smtp"
)

// Step is a step of the dialogue with a server.
type Step string

// The steps of a dialogue, in their order.
const (
	StepConnect   Step = "connect" // with the greeting and EHLO
	StepTLS       Step = "tls"
	StepAuth      Step = "auth"
	StepSender    Step = "mail"
	StepRecipient Step = "rcpt"
	StepData      Step = "data"
	StepEnd       Step = "end" // the answer to the final dot
)

// Outcome classifies a failure by what the sender does next.
type Outcome int

// The outcomes for a message or of one recipient.
const (
	Accepted       Outcome = iota // the server is responsible now
	TryLater                      // this message, or this recipient
	TryServerLater                // no message gets through at the moment
	Refused                       // this message or recipient, for good
	TooLarge                      // this message, for good
	NotAllowed                    // the mailbox: wrong password, sender refused
	Unknown                       // the server may or may not have accepted the message
)

// Failure is a failed step. Text is the answer of the server, on one line.
type Failure struct {
	Step     Step
	Outcome  Outcome
	Code     int    // of the server's answer; 0 if there was none
	Enhanced string // such as 5.7.1; "" if the server gave none
	Text     string
}

// Error implements error.
func (f *Failure) Error() string {
	if f.Code == 0 {
		return fmt.Sprintf("%s: %s", f.Step, f.Text)
	}
	return fmt.Sprintf("%s: %s", f.Step, strings.Join(strings.Fields(fmt.Sprint(f.Code, " ", f.Enhanced, " ", f.Text)), " "))
}

// maxText is the maximum length of a stored answer of a server, in characters.
const maxText = 500

// failure returns the [Failure] of a step. err is what the client returned.
func failure(step Step, err error) *Failure {
	f := &Failure{Step: step}
	var answer *smtp.SMTPError
	if !errors.As(err, &answer) {
		f.Text, f.Outcome = short(err.Error()), TryServerLater
		if step == StepEnd {
			f.Outcome = Unknown
		}
		return f
	}
	f.Code, f.Text = answer.Code, short(answer.Message)
	if e := answer.EnhancedCode; e[0] > 0 {
		f.Enhanced = fmt.Sprintf("%d.%d.%d", e[0], e[1], e[2])
	}
	f.Outcome = outcome(step, f.Code, f.Enhanced)
	return f
}

// outcome classifies the answer of a server at a step. The rules are those of docs/mail.md.
func outcome(step Step, code int, enhanced string) Outcome {
	beforeMessage := step == StepConnect || step == StepTLS || step == StepAuth
	switch {
	case code == 421: // the server closes the connection
		return TryServerLater
	case code < 500 && beforeMessage:
		return TryServerLater
	case code < 500:
		return TryLater
	case step == StepTLS:
		return TryServerLater // never without TLS
	case code == 552 || code == 523 || enhanced == "5.3.4" || enhanced == "5.2.3":
		return TooLarge
	case beforeMessage, step == StepSender, code == 530, code == 535, enhanced == "5.7.30", enhanced == "5.7.0" && code == 502:
		return NotAllowed
	}
	return Refused
}

// short returns text on one line of at most maxText characters.
func short(text string) string {
	runes := []rune(OneLine(text))
	if len(runes) > maxText {
		runes = append(runes[:maxText-1], '…')
	}
	return string(runes)
}
