package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/handlers/web"
)

func TestADeletedNoteLeavesOpenPagesOfStaffAndItsNamesWereBold(t *testing.T) {
	a := newApp(t)
	ana, priya, tom := a.customer("Ana"), a.admin("Priya"), a.agent("Tom")
	id := a.opensTicket(ana, "Mine")
	priya.post(web.TicketURL(id)+"/notes", url.Values{"text": {"@tom, the PIN is 1234."}}).wants(t, http.StatusSeeOther)
	if got := tom.get(web.TicketURL(id)).text("#s2 .prose b"); got != "@tom" {
		t.Errorf("bold is %q, want the mention", got)
	}
	his, hers := tom.socket(web.TicketURL(id)+"/chat?after=2"), ana.socket(web.TicketURL(id)+"/chat?after=1")
	priya.post(web.TicketURL(id)+"/notes/2/delete", url.Values{}).wants(t, http.StatusSeeOther)
	for {
		text, closed := his.next()
		if closed != 0 {
			t.Fatalf("closed with %d", closed)
		}
		if strings.Contains(text, "deleted it") {
			if !strings.Contains(text, `hx-target="#s2" hx-swap="outerMorph"`) || strings.Contains(text, "1234") {
				t.Errorf("the page gets %s", text)
			}
			break
		}
	}
	priya.post(web.TicketURL(id)+"/comments", url.Values{"text": {"Hello"}}).wants(t, http.StatusSeeOther)
	for {
		text, _ := hers.next()
		if strings.Contains(text, "deleted it") || strings.Contains(text, `#s2"`) {
			t.Errorf("the requester gets %s", text)
		}
		if strings.Contains(text, "Hello") {
			break
		}
	}
	if got := fmt.Sprint(tom.get(web.TicketURL(id)).text("#s2")); !strings.Contains(got, "deleted it") {
		t.Errorf("the page shows %q", got)
	}
}

func TestTheAnswerToANoteShowsTheColleagueWhomItMentionsAsAFollower(t *testing.T) {
	a := newApp(t)
	priya := a.admin("Priya")
	a.agent("Tom")
	id := a.opensTicket(a.customer("Ana"), "Mine")
	got := priya.post(web.TicketURL(id)+"/notes", url.Values{"text": {"@Tom, please look."}}, htmx...).wants(t, http.StatusOK)
	if !strings.Contains(got.body, `hx-target="#followers"`) || !strings.Contains(got.body, "mentioned") {
		t.Errorf("the answer has no followers: %s", got.body)
	}
}

func TestANoteThatWasDeletedWhileAPageHadNoConnectionLeavesItWithTheNextPollOrSocket(t *testing.T) {
	a := newApp(t)
	ana, priya, tom := a.customer("Ana"), a.admin("Priya"), a.agent("Tom")
	id := a.opensTicket(ana, "Mine")
	priya.post(web.TicketURL(id)+"/notes", url.Values{"text": {"The PIN is 1234."}}).wants(t, http.StatusSeeOther)
	const changed = `hx-target="#s2" hx-swap="outerMorph"`
	if got := tom.get(web.TicketURL(id)+"/events?after=2", htmx...); strings.Contains(got.body, changed) {
		t.Errorf("before it is deleted, a poll answers %s", got.body)
	}
	priya.post(web.TicketURL(id)+"/notes/2/delete", url.Values{}).wants(t, http.StatusSeeOther)

	if got := tom.get(web.TicketURL(id)+"/events?after=2", htmx...).body; !strings.Contains(got, changed) || !strings.Contains(got, "deleted it") {
		t.Errorf("a poll answers %s", got)
	}
	socket := tom.socket(web.TicketURL(id) + "/chat?after=2")
	for {
		text, closed := socket.next()
		if closed != 0 {
			t.Fatalf("closed with %d", closed)
		}
		if strings.Contains(text, "deleted it") {
			break
		}
	}
	if got := ana.get(web.TicketURL(id)+"/events?after=2", htmx...).body; strings.Contains(got, "#s2") || strings.Contains(got, "deleted it") {
		t.Errorf("the requester’s poll answers %s", got)
	}
}

func TestANoteThatWasDeletedWhileSocketsWerePausedLeavesPagesAndIsSentToPrograms(t *testing.T) {
	a := newApp(t)
	priya, tom := a.admin("Priya"), a.agent("Tom")
	id := a.opensTicket(a.customer("Ana"), "Mine")
	priya.post(web.TicketURL(id)+"/notes", url.Values{"text": {"The PIN is 1234."}}).wants(t, http.StatusSeeOther)
	page := tom.socket(web.TicketURL(id) + "/chat?after=2")
	page.unread(0) // the page follows the ticket
	program, _ := tom.program().socket(fmt.Sprintf("/tickets/%d/chat?after=2", id))
	program.send(web.JSONEvent{Event: "ping"})
	if name, _, _ := program.event(); name != "pong" {
		t.Fatalf("the answer to a ping is %s", name)
	}
	// The first statement sends no message to the replicas, and the second pauses both sockets.
	a.exec(`update ticket_events set body = '', data = '{"deleted": true}' where ticket_id = $1 and seq = 2`, id)
	a.exec("select pg_notify('frontdesk', 'u ' || $1::bigint)", tom.id)
	for {
		text, closed := page.next()
		if closed != 0 {
			t.Fatalf("closed with %d", closed)
		}
		if strings.Contains(text, `hx-target="#s2" hx-swap="outerMorph"`) && strings.Contains(text, "deleted it") {
			break
		}
	}
	if name, seq, _ := program.event(); name != "updated" || seq != 2 {
		t.Errorf("the program gets %s %d, want updated 2", name, seq)
	}
}

func TestProgramsOfStaffGetAnEventWhenANoteIsDeletedAndThoseOfTheRequesterNone(t *testing.T) {
	a := newApp(t)
	ana, priya, tom := a.customer("Ana"), a.admin("Priya"), a.agent("Tom")
	id := a.opensTicket(ana, "Mine")
	priya.post(web.TicketURL(id)+"/notes", url.Values{"text": {"The PIN is 1234."}}).wants(t, http.StatusSeeOther)
	path := fmt.Sprintf("/tickets/%d/chat?after=2", id)
	his, _ := tom.program().socket(path)
	hers, _ := ana.program().socket(path)
	for _, s := range []*socket{his, hers} { // an answer shows that the socket follows the ticket
		s.send(web.JSONEvent{Event: "ping"})
		if name, _, _ := s.event(); name != "pong" {
			t.Fatalf("the answer to a ping is %s", name)
		}
	}
	priya.post(web.TicketURL(id)+"/notes/2/delete", url.Values{}).wants(t, http.StatusSeeOther)
	if name, seq, data := his.event(); name != "updated" || seq != 2 || data["kind"] != "note" {
		t.Errorf("a program of staff gets %s %d %v", name, seq, data)
	}
	priya.post(web.TicketURL(id)+"/comments", url.Values{"text": {"Hello"}}).wants(t, http.StatusSeeOther)
	if name, _, data := hers.event(); name != "comment" {
		t.Errorf("the requester’s program gets %s %v first", name, data)
	}
}

func TestTheAuthorOfAnOldNoteReadsThatItIsTooLateToDeleteIt(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	id := a.opensTicket(ana, "Mine")
	priya.post(web.TicketURL(id)+"/notes", url.Values{"text": {"The PIN is 1234."}}).wants(t, http.StatusSeeOther)
	a.later(10 * time.Minute)
	priya.post(web.TicketURL(id)+"/notes/2/delete", url.Values{}).wants(t, http.StatusConflict, "Too late to delete this note", "for 10 minutes after it was written")
	if got := priya.program().send(http.MethodDelete, fmt.Sprintf("/tickets/%d/notes/2", id), nil); got.StatusCode != http.StatusConflict || !strings.Contains(string(got.body), "Too late") {
		t.Errorf("the API answers %d %s", got.StatusCode, got.body)
	}
}
