package mail_test

import (
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
			wantOutcome(t, f, mail.TryServerLater, "an untrusted server")
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
	_, f = sent(t, plain, "ana@example.org")
	wantOutcome(t, f, mail.NotAllowed, "without AUTH")
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
	_, f := sent(t, smtp.Target(), "ana@example.org")
	wantOutcome(t, f, mail.TooLarge, "a large message")
}

func TestAnAddressWithOtherLettersNeedsAServerThatTakesIt(t *testing.T) {
	t.Parallel()
	_, f := sent(t, mailtest.New(t).Target(), "änä@example.org")
	wantOutcome(t, f, mail.Refused, "without SMTPUTF8")
	if f.Enhanced != "5.6.7" {
		t.Errorf(`without SMTPUTF8: enhanced is %q, want "5.6.7"`, f.Enhanced)
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
	f := from(mailtest.New(t))
	wantOutcome(t, f, mail.NotAllowed, "without SMTPUTF8")
	if f.Enhanced != "5.6.7" {
		t.Errorf(`without SMTPUTF8: enhanced is %q, want "5.6.7"`, f.Enhanced)
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
	r, f := sent(t, smtp.Target(), "ana@example.org")
	if f != nil {
		t.Fatalf("got the failure %+v, want none", f)
	}
	if r.Recipients[0].Outcome != mail.Accepted {
		t.Errorf("the outcome is %d, want %d", r.Recipients[0].Outcome, mail.Accepted)
	}
	if r.QueueText != "accepted as 4F00D" {
		t.Errorf(`the queue text is %q, want "accepted as 4F00D"`, r.QueueText)
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
		err := send()
		if err == nil {
			t.Fatalf("%s: got no error, want one", step)
		}
		if !s.Usable(50) {
			t.Errorf("%s: s.Usable(50) is false, want true", step)
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
			_, f := sent(t, server, "ana@example.org")
			wantOutcome(t, f, want, fmt.Sprintf("at %s with the user %q", step, user))
		}
	}
}

// wantOutcome fails the test unless f is a failure with the outcome.
func wantOutcome(t *testing.T, f *mail.Failure, want mail.Outcome, what string) {
	t.Helper()
	if f == nil {
		t.Fatalf("%s: got no failure, want the outcome %d", what, want)
	}
	if f.Outcome != want {
		t.Errorf("%s: got %+v, want the outcome %d", what, f, want)
	}
}
