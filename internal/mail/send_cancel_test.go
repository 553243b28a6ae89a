package mail_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"frontdesk/internal/mail"
	"frontdesk/internal/mail/mailtest"
)

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
	if !errors.As(err, &f) {
		t.Fatalf("got the error %v, want %T", err, f)
	}
	if f.Step != mail.StepData {
		t.Errorf("the step is %q, want %q", f.Step, mail.StepData)
	}
	if n := len(smtp.Messages()); n != 0 {
		t.Errorf("%d messages were accepted, want 0", n)
	}
}
