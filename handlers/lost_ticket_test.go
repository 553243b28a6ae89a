package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/handlers/web"
)

// longForms are the forms of a ticket with a long text, by their paths below the ticket.
var longForms = map[string]url.Values{
	"/comments": {"text": {"<b>Words</b>\nthat took long"}, "submission_id": {"one"}},
	"/notes":    {"text": {"<b>Words</b>\nthat took long"}, "submission_id": {"two"}},
	"/messages": {"text": {"<b>Words</b>\nthat took long"}, "submission_id": {"three"}},
	"":          {"subject": {"Words"}, "description": {"<b>Words</b>\nthat took long"}, "category": {"1"}, "priority": {"High"}, "version": {"1"}},
}

// sendsLongForms sends each of the long forms of a ticket in both encodings, and checks that the answer has the
// status, shows the text in a field for copying, and shows nothing of the ticket.
func (m *teamMatrix) sendsLongForms(t *testing.T, c *client, status int) {
	t.Helper()
	for below, form := range longForms {
		path := web.TicketURL(m.ticket) + below
		for encoding, got := range map[string]page{
			"urlencoded":               c.post(path, c.from(form)),
			"multipart":                c.upload(path, c.from(form), nil),
			"multipart with an upload": c.upload(path, c.from(form), []file{{"attachment", "a.txt", "the file"}}),
		} {
			if strings.HasPrefix(encoding, "multipart") && below == "/messages" {
				continue // this form has no files
			}
			got.wants(t, status, "was not saved").lacks(t, secret, "<b>Words")
			if text := got.doc.Find("textarea[readonly]").Last().Text(); strings.TrimPrefix(text, "\n") != "<b>Words</b>\nthat took long" {
				t.Errorf("%s, %s by %s: the page shows %q, want the text that was typed", path, encoding, c.name, text)
			}
		}
		c.upload(path, form, nil, htmx...).wants(t, status).lacks(t, "Words") // the page with the form stays
	}
}

func TestTheTextOfAFormIsShownToAWriterWhoHasLostTheTicket(t *testing.T) {
	m := newTeamMatrix(t)
	member := m.insiders[1]
	member.get(web.TicketURL(m.ticket)).wants(t, http.StatusOK)
	m.exec("delete from team_members where user_id = $1", member.id)
	before := m.everything(t)
	m.sendsLongForms(t, member, http.StatusNotFound)
	for _, c := range m.outsider {
		m.sendsLongForms(t, c, http.StatusNotFound)
	}
	if what := before.differs(m.everything(t)); what != "" {
		t.Errorf("%s changed", what)
	}
}

func TestTheTextOfAFormOnADeletedTicketIsShown(t *testing.T) {
	m := newTeamMatrix(t)
	m.exec("update tickets set deleted_at = now() where id = $1", m.ticket)
	m.sendsLongForms(t, m.insiders[1], http.StatusNotFound)
}

func TestTheTextOfANoteIsShownToAWriterWhoMayOnlyReadTheTicketNow(t *testing.T) {
	m := newTeamMatrix(t)
	member := m.insiders[1]
	m.exec("update tickets set requester_id = $2 where id = $1", m.ticket, member.id)
	m.exec("update users set role = 'customer' where id = $1", member.id)
	form := longForms["/notes"]
	for _, got := range []page{member.post(web.TicketURL(m.ticket)+"/notes", form), member.upload(web.TicketURL(m.ticket)+"/notes", form, nil)} {
		got.wants(t, http.StatusForbidden, "was not saved")
		if text := got.doc.Find("textarea[readonly]").Text(); !strings.Contains(text, "that took long") {
			t.Errorf("the page shows %q, want the text that was typed", text)
		}
	}
}

func TestAFormWithFilesOfAnotherUsersPageOnALostTicketIsRefusedAsOne(t *testing.T) {
	m := newTeamMatrix(t)
	ana := m.customer("Ana")
	m.outsider[0].upload(web.TicketURL(m.ticket)+"/notes", ana.from(longForms["/notes"]), nil).wants(t, http.StatusConflict, "A different account is signed in")
}
