package mail_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/mail"
	"frontdesk/internal/mail/mailtest"
)

var quick = mail.Timeouts{Connect: time.Second, Command: time.Second, Write: time.Second, End: time.Second}

// sent dials a server and sends a message to recipients.
func sent(t *testing.T, server mail.Server, to ...string) (mail.Result, *mail.Failure) {
	t.Helper()
	s, err := mail.Dial(t.Context(), server, quick)
	var r mail.Result
	if err == nil {
		defer s.Close()
		r, err = s.Send(t.Context(), mail.Envelope{From: "help@example.org", To: to, Data: []byte("Subject: x\r\n\r\nHello\r\n.\r\nEnd\r\n")})
	}
	var f *mail.Failure
	if err != nil && !errors.As(err, &f) {
		t.Fatalf("the error is %v, want a failure", err)
	}
	return r, f
}

func TestAMessageArrivesAsItIs(t *testing.T) {
	t.Parallel()
	cert := mailtest.Certificate(t, time.Now().Add(time.Hour))
	for name, options := range map[string][]mailtest.Option{
		"plain": nil, "STARTTLS": {mailtest.WithTLS(cert)}, "TLS": {mailtest.WithImplicitTLS(cert)}, "STARTTLS and AUTH": {mailtest.WithTLS(cert), mailtest.WithLogin("desk", "a secret")},
	} {
		smtp := mailtest.New(t, options...)
		r, f := sent(t, smtp.Target(), "ana@example.org", "bo@example.org")
		if f != nil {
			t.Errorf("%s: %v", name, f)
			continue
		}
		if !strings.Contains(r.QueueText, "4F00D") {
			t.Errorf("%s: the answer is %q", name, r.QueueText)
		}
		got := smtp.Messages()[0]
		if want := "Subject: x\n\nHello\n.\nEnd\n"; got.Data != want {
			t.Errorf("%s: got %q, want %q", name, got.Data, want)
		}
		if want := "[ana@example.org bo@example.org]"; fmt.Sprint(got.To) != want {
			t.Errorf("%s: the recipients are %v, want %s", name, got.To, want)
		}
	}
}

// Without TLS that can be trusted, neither the password nor a message is sent.
func TestNothingIsSentOverTLSThatCannotBeTrusted(t *testing.T) {
	t.Parallel()
	good, expired := mailtest.Certificate(t, time.Now().Add(time.Hour)), mailtest.Certificate(t, time.Now().Add(-time.Hour))
	login := mailtest.WithLogin("desk", "a secret")
	for name, c := range map[string]struct {
		options []mailtest.Option
		change  func(*mail.Server)
		act     mailtest.Act
	}{
		"not offered":            {[]mailtest.Option{login}, func(s *mail.Server) { s.Security = mail.StartTLS }, mailtest.Act{}},
		"refused":                {[]mailtest.Option{mailtest.WithTLS(good), login}, nil, mailtest.Act{Reply: "454 4.7.0 TLS not available"}},
		"dropped":                {[]mailtest.Option{mailtest.WithTLS(good), login}, nil, mailtest.Act{Drop: true}},
		"slow":                   {[]mailtest.Option{mailtest.WithTLS(good), login}, nil, mailtest.Act{Wait: 3 * time.Second}},
		"expired":                {[]mailtest.Option{mailtest.WithTLS(expired), login}, nil, mailtest.Act{}},
		"unknown issuer":         {[]mailtest.Option{mailtest.WithTLS(good), login}, func(s *mail.Server) { s.Roots = x509.NewCertPool() }, mailtest.Act{}},
		"another host":           {[]mailtest.Option{mailtest.WithTLS(good), login}, func(s *mail.Server) { s.Host = "localhost" }, mailtest.Act{}},
		"expired from the start": {[]mailtest.Option{mailtest.WithImplicitTLS(expired), login}, nil, mailtest.Act{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			smtp := mailtest.New(t, c.options...)
			server := smtp.Target()
			if c.change != nil {
				c.change(&server)
			}
			smtp.Follow(func(step mailtest.Step, _ string) mailtest.Act {
				switch step {
				case mailtest.StartTLS:
					return c.act
				case mailtest.Auth, mailtest.Mail:
					t.Errorf("the step %s was reached", step)
				}
				return mailtest.Act{}
			})
			_, f := sent(t, server, "ana@example.org")
			if f == nil || f.Outcome != mail.TryServerLater {
				t.Errorf("got %+v, want that the server is tried later", f)
			}
		})
	}
}

func TestAWrongPasswordIsTheFaultOfTheMailbox(t *testing.T) {
	t.Parallel()
	smtp := mailtest.New(t, mailtest.WithTLS(mailtest.Certificate(t, time.Now().Add(time.Hour))), mailtest.WithLogin("desk", "a secret"))
	server := smtp.Target()
	server.Password = "wrong"
	_, f := sent(t, server, "ana@example.org")
	if f == nil {
		t.Fatal("the wrong password is accepted")
	}
	if want := (mail.Failure{Step: mail.StepAuth, Outcome: mail.NotAllowed, Code: 535, Enhanced: "5.7.8", Text: f.Text}); *f != want {
		t.Errorf("got %+v, want %+v", *f, want)
	}
	plain := mailtest.New(t).Target()
	plain.User, plain.Password = "desk", "a secret"
	if _, f := sent(t, plain, "ana@example.org"); f == nil || f.Outcome != mail.NotAllowed {
		t.Errorf("without AUTH: got %+v, want the fault of the mailbox", f)
	}
}

func TestEachRecipientHasItsOwnOutcome(t *testing.T) {
	t.Parallel()
	smtp := mailtest.New(t)
	smtp.Follow(func(step mailtest.Step, to string) mailtest.Act {
		switch {
		case step == mailtest.Rcpt && strings.HasPrefix(to, "later"):
			return mailtest.Act{Reply: "452 4.2.2 mailbox full"}
		case step == mailtest.Rcpt && strings.HasPrefix(to, "never"):
			return mailtest.Act{Reply: "550 5.1.1 no such user"}
		}
		return mailtest.Act{}
	})
	r, f := sent(t, smtp.Target(), "later@example.org", "ana@example.org", "never@example.org")
	if f != nil {
		t.Fatal(f)
	}
	for i, want := range []mail.Outcome{mail.TryLater, mail.Accepted, mail.Refused} {
		if got := r.Recipients[i].Outcome; got != want {
			t.Errorf("recipient %d: got %d, want %d", i, got, want)
		}
	}
	if got, want := fmt.Sprint(smtp.Messages()[0].To), "[ana@example.org]"; got != want {
		t.Errorf("the recipients are %s, want %s", got, want)
	}
}

func TestAMessageLargerThanTheServerTakesIsNotSent(t *testing.T) {
	t.Parallel()
	smtp := mailtest.New(t, mailtest.WithExtension("SIZE 10"))
	if _, f := sent(t, smtp.Target(), "ana@example.org"); f == nil || f.Outcome != mail.TooLarge {
		t.Errorf("got %+v, want that the message is too large", f)
	}
}

func TestAnAddressWithOtherLettersNeedsAServerThatTakesIt(t *testing.T) {
	t.Parallel()
	if _, f := sent(t, mailtest.New(t).Target(), "änä@example.org"); f == nil || f.Outcome != mail.Refused || f.Enhanced != "5.6.7" {
		t.Errorf("without SMTPUTF8: got %+v, want that the recipient is refused", f)
	}
	smtp := mailtest.New(t, mailtest.WithExtension("SMTPUTF8"))
	if _, f := sent(t, smtp.Target(), "änä@example.org"); f != nil {
		t.Errorf("with SMTPUTF8: %v", f)
	}
}

func TestASenderWithOtherLettersNeedsAServerThatTakesIt(t *testing.T) {
	t.Parallel()
	from := func(smtp *mailtest.Server) *mail.Failure {
		s, err := mail.Dial(t.Context(), smtp.Target(), quick)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		_, err = s.Send(t.Context(), mail.Envelope{From: "hélp@example.org", To: []string{"ana@example.org"}, Data: []byte("Subject: x\r\n\r\nHello\r\n")})
		var f *mail.Failure
		errors.As(err, &f)
		return f
	}
	if f := from(mailtest.New(t)); f == nil || f.Outcome != mail.NotAllowed || f.Enhanced != "5.6.7" {
		t.Errorf("without SMTPUTF8: got %+v, want that the mailbox may not send", f)
	}
	if f := from(mailtest.New(t, mailtest.WithExtension("SMTPUTF8"))); f != nil {
		t.Errorf("with SMTPUTF8: %v", f)
	}
}

// RFC 5321, 4.2.1: the first digit says whether the server has the message.
func TestEveryAnswerThatBeginsWithTwoAcceptsTheMessage(t *testing.T) {
	t.Parallel()
	smtp := mailtest.New(t)
	smtp.FailAt(mailtest.End, mailtest.Act{Reply: "200 accepted as 4F00D"})
	if r, f := sent(t, smtp.Target(), "ana@example.org"); f != nil || r.Recipients[0].Outcome != mail.Accepted || r.QueueText != "accepted as 4F00D" {
		t.Errorf("got %+v, %+v, want that the message is accepted", r, f)
	}
}

func TestASessionIsUsedAgainAfterARefusedMessage(t *testing.T) {
	t.Parallel()
	smtp := mailtest.New(t)
	s, err := mail.Dial(t.Context(), smtp.Target(), quick)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	send := func() error {
		_, err := s.Send(t.Context(), mail.Envelope{From: "help@example.org", To: []string{"ana@example.org"}, Data: []byte("Subject: x\r\n\r\n")})
		return err
	}
	for _, step := range []mailtest.Step{mailtest.Rcpt, mailtest.Data, mailtest.End} {
		smtp.FailAt(step, mailtest.Act{Reply: "550 5.7.1 no"})
		if err := send(); err == nil || !s.Usable(50) {
			t.Errorf("%s: the error is %v, and the session is usable: %t; want an error and true", step, err, s.Usable(50))
		}
		smtp.Follow(nil)
		if err := send(); err != nil {
			t.Errorf("after %s: %v", step, err)
		}
	}
	if n := smtp.Connections(); n != 1 {
		t.Errorf("there were %d connections, want 1", n)
	}
}

func TestAnAnswerAboutASignInAfterTheSignInConcernsTheRecipient(t *testing.T) {
	t.Parallel()
	for _, step := range []mailtest.Step{mailtest.Rcpt, mailtest.End} {
		for user, want := range map[string]mail.Outcome{"desk": mail.Refused, "": mail.NotAllowed} {
			var options []mailtest.Option
			if user != "" {
				options = append(options, mailtest.WithLogin(user, "a secret"))
			}
			smtp := mailtest.New(t, options...)
			server := smtp.Target()
			smtp.FailAt(step, mailtest.Act{Reply: "530 5.7.0 authentication required"})
			if _, f := sent(t, server, "ana@example.org"); f == nil || f.Outcome != want {
				t.Errorf("at %s with the user %q: got %+v, want the outcome %d", step, user, f, want)
			}
		}
	}
}

// cancelledAt returns what a send returns that is cancelled while its server pauses at a step.
func cancelledAt(t *testing.T, smtp *mailtest.Server, at mailtest.Step, pause time.Duration) error {
	t.Helper()
	s, err := mail.Dial(t.Context(), smtp.Target(), mail.DefaultTimeouts)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	smtp.Follow(func(step mailtest.Step, _ string) mailtest.Act {
		if step == at {
			cancel()
			return mailtest.Act{Wait: pause}
		}
		return mailtest.Act{}
	})
	_, err = s.Send(ctx, mail.Envelope{From: "help@example.org", To: []string{"ana@example.org"}, Data: []byte("Subject: x\r\n\r\n")})
	return err
}

func TestACancelledSendWaitsForTheAnswerToTheDot(t *testing.T) {
	t.Parallel()
	smtp := mailtest.New(t)
	err := cancelledAt(t, smtp, mailtest.End, 200*time.Millisecond)
	if n := len(smtp.Messages()); err != nil || n != 1 {
		t.Errorf("got %v and %d messages, want the answer to the one message", err, n)
	}
}

func TestACancelledSendEndsAtOnceAndBeforeTheDotNothingIsAccepted(t *testing.T) {
	t.Parallel()
	smtp := mailtest.New(t)
	err := cancelledAt(t, smtp, mailtest.Data, time.Second)
	var f *mail.Failure
	if !errors.As(err, &f) || f.Step != mail.StepData {
		t.Errorf("got %v, want a failure at DATA", err)
	}
	if n := len(smtp.Messages()); n != 0 {
		t.Errorf("%d messages were accepted, want 0", n)
	}
}
