package desk_test

import (
	"strings"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

func TestTheTokenOfALinkIsRemovedOnceItsMailIsSent(t *testing.T) {
	h := newDeskWithMail(t)
	ana := h.person("ana", account.RoleCustomer)
	h.enqueue(desk.Letter{Kind: desk.MailPassword, UserID: ana.ID, Email: ana.Email, To: ana.Email, Content: desk.MailContent{Subject: "A link", Intro: []string{"the token"}}})
	h.enqueue(aLetter(ana.Email))
	h.send()
	h.wantStates("sent sent")
	if got := h.smtp.Messages(); len(got) != 2 || !strings.Contains(string(got[0].Data), "the token") {
		t.Errorf("got %d messages, want 2, the first with the token", len(got))
	}
	if got := h.text("select string_agg(kind || case when raw is null then ' without' else ' with' end, ', ' order by id) from mail_out"); got != "password without, test with" {
		t.Errorf("the rows are %q, want only the bytes without a token", got)
	}
}
