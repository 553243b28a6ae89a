package desk_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/mail/mailtest"
	"frontdesk/internal/mailout"
)

func TestTheTokenOfALinkIsRemovedOnceItsMailIsSent(t *testing.T) {
	h := newDeskWithMail(t)
	ana := h.person("ana", account.RoleCustomer)
	h.enqueue(mailout.AccountMail{Kind: mailout.KindPassword, UserID: ana.ID, Email: ana.Email, To: ana.Email, Content: mailout.Content{Subject: "A link", Intro: []string{"the token"}}})
	h.enqueue(aMail(ana.Email))
	h.send()
	h.wantStates("sent sent")
	got := h.smtp.Messages()
	if len(got) != 2 {
		t.Fatalf("got %d elements, want 2: %+v", len(got), got)
	}
	if !strings.Contains(string(got[0].Data), "the token") {
		t.Errorf(`the data is %q, want it with "the token"`, string(got[0].Data))
	}
	if got := h.text("select string_agg(kind || case when raw is null then ' without' else ' with' end, ', ' order by id) from mail_out"); got != "password without, test with" {
		t.Errorf("the rows are %q, want only the bytes without a token", got)
	}
}

// The link of a mail does not live longer because the mail is sent again.
func TestAMailWhoseLinkHasExpiredIsNotSentAgain(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin)
	h.enqueue(mailout.AccountMail{Kind: mailout.KindPassword, UserID: ana.ID, Email: ana.Email, To: ana.Email, Expires: h.Now().Add(30 * time.Minute), Content: mailout.Content{Subject: "A link"}})
	id := h.number("select max(id) from mail_out")
	h.smtp.FailAt(mailtest.Rcpt, mailtest.Act{Reply: "550 5.1.1 mailbox full"})
	h.send()
	h.wantStates("failed")
	h.smtp.Follow(nil)
	ends := h.text("select expires_at::text from mail_out")
	if err := h.Mail.Decide(t.Context(), priya, id, mailout.Retry); err != nil {
		t.Fatal(err)
	}
	if got := h.text("select expires_at::text from mail_out"); got != ends {
		t.Errorf("sent again the mail expires at %s, want %s as its link", got, ends)
	}
	h.exec("update mail_out set state = 'failed', expires_at = now() - interval '1 second'")
	if err := h.Mail.Decide(t.Context(), priya, id, mailout.Retry); !errors.Is(err, fault.ErrTooLate) {
		t.Errorf("after that time: got %v, want %v", err, fault.ErrTooLate)
	}
	all, _, err := h.Mail.List(t.Context(), priya, mailout.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 {
		t.Fatalf("got %d elements, want 1: %+v", len(all), all)
	}
	if all[0].CanRetry() {
		t.Error("all[0].CanRetry() is true, want false")
	}
}
