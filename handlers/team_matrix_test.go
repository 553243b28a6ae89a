package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/handlers/api"
	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/live"
)

// teamMatrix is a ticket of a private team, with a file, and staff in each relation to the team.
type teamMatrix struct {
	*app
	ticket             int64
	file               string
	insiders, outsider []*client // may and may not read the ticket
	boss               *client
}

// newTeamMatrix starts a desk with a ticket of a private team, members of it, and other
// staff.
func newTeamMatrix(t *testing.T) *teamMatrix {
	t.Helper()
	m := &teamMatrix{app: newApp(t, unlimited)}
	m.boss = m.admin("Boss")
	m.boss.post("/admin/roles", url.Values{"name": {"Restricted"}, "reply": {"true"}, "note": {"true"}, "triage": {"true"}, "delete": {"true"}}).wants(t, http.StatusSeeOther)
	m.ticket, m.file = m.ticketWithFile(m.customer(secret))
	member, lightMember := m.agent("Member"), m.restricted("Light member")
	id := m.team("HR", true, member, lightMember)
	m.team("Open team", false, m.agent("Colleague"))
	m.exec("update tickets set team_id = $1, assignee_id = $2 where id = $3", id, member.id, m.ticket)
	m.insiders = []*client{m.boss, member, lightMember}
	m.outsider = []*client{m.agent("Other agent"), m.restricted("Light agent")}
	return m
}

// restricted signs in staff who see only the tickets of their teams.
func (m *teamMatrix) restricted(name string) *client {
	m.t.Helper()
	c := m.customer(name)
	m.boss.post(userURL(c)+"/role", url.Values{"role": {"Restricted"}}).wants(m.t, http.StatusSeeOther)
	c.signIn()
	return c
}

// path returns the path of a route with the ticket and the file in place of its parameters.
func (m *teamMatrix) path(route string) string {
	return strings.NewReplacer(":id", fmt.Sprint(m.ticket), ":name", m.file, ":seq", "1", ":user", "1").Replace(route)
}

func TestATicketOfAPrivateTeamDoesNotExistForOtherStaff(t *testing.T) {
	m := newTeamMatrix(t)
	routes := 0
	for route, e := range matrix {
		method, path, _ := strings.Cut(route, " ")
		if e.kind != "ticket" && e.kind != "file" {
			continue
		}
		routes++
		for _, c := range m.outsider {
			before := m.everything(t)
			send := func() page { return c.post(m.path(path), e.form) }
			if method == http.MethodGet {
				send = func() page { return c.get(m.path(path)) }
			}
			got := send()
			if got.StatusCode != http.StatusNotFound {
				t.Errorf("%s by %s: got %d, want 404", route, c.name, got.StatusCode)
			}
			if strings.Contains(got.body, secret) {
				t.Errorf("%s by %s shows the ticket", route, c.name)
			}
			if what := before.differs(m.everything(t)); what != "" {
				t.Errorf("%s by %s changed %s", route, c.name, what)
			}
		}
	}
	if routes < 15 {
		t.Errorf("%d routes were tried, want those of tickets and files", routes)
	}
}

func TestATicketOfAPrivateTeamDoesNotExistForProgramsOfOtherStaff(t *testing.T) {
	m := newTeamMatrix(t)
	for route, e := range apiMatrix {
		method, path, _ := strings.Cut(route, " ")
		if e.kind != "ticket" && e.kind != "file" {
			continue
		}
		for _, c := range m.outsider {
			program := c.program()
			before := m.everything(t)
			got := program.send(method, strings.TrimPrefix(m.path(path), "/api"), e.body)
			if got.StatusCode != http.StatusNotFound {
				t.Errorf("%s by %s: got %d, want 404", route, c.name, got.StatusCode)
			}
			if what := before.differs(m.everything(t)); what != "" {
				t.Errorf("%s by %s changed %s", route, c.name, what)
			}
		}
	}
}

func TestAStoredAnswerAboutATicketEndsWithTheRightToReadIt(t *testing.T) {
	m := newTeamMatrix(t)
	member := m.insiders[1]
	program := member.program()
	one := fmt.Sprintf("/tickets/%d", m.ticket)
	for path, body := range map[string]obj{"/comments": {"text": "An answer"}, "/notes": {"text": "A note"}, "/messages": {"message": "Hello"}} {
		send := func() reply { return program.send("POST", one+path, body, api.HeaderKey, path) }
		first := send().wants(http.StatusCreated)
		if again := send().wants(http.StatusCreated); string(again.body) != string(first.body) {
			t.Errorf("%s: the same request gets %s, want %s", path, again.body, first.body)
		}
		m.exec("delete from team_members where user_id = $1", member.id)
		if got := send(); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: after leaving the team: got %d %s, want 404", path, got.StatusCode, got.body)
		}
		m.exec("insert into team_members (team_id, user_id) select team_id, $1 from tickets where id = $2", member.id, m.ticket)
	}
}

func TestMembersAndAdminsReadATicketOfAPrivateTeam(t *testing.T) {
	m := newTeamMatrix(t)
	for route, e := range matrix {
		method, path, _ := strings.Cut(route, " ")
		if method != http.MethodGet || e.kind != "ticket" && e.kind != "file" {
			continue
		}
		for _, c := range m.insiders {
			want := e.ok
			if status, ok := e.cells["agent foreign"]; ok && c.name == "Member" {
				want = status
			}
			if got := c.get(m.path(path)); got.StatusCode != want {
				t.Errorf("%s by %s: got %d, want %d", route, c.name, got.StatusCode, want)
			}
		}
	}
}

func TestListsFiguresAndSearchesLeaveOutTicketsOfPrivateTeams(t *testing.T) {
	m := newTeamMatrix(t)
	for _, path := range []string{"/tickets", "/tickets?q=" + secret, fmt.Sprintf("/tickets?q=%d", m.ticket), "/tickets?status=ACTIVE", "/tickets?team=1", "/tickets?assignee=none",
		"/dashboard", "/reports", "/notifications", fmt.Sprintf("/tickets/changes?shown=%d", m.ticket)} {
		for _, c := range m.outsider {
			if got := c.get(path); strings.Contains(strings.ReplaceAll(got.body, "q="+secret, ""), "ticket of "+secret) {
				t.Errorf("%s by %s shows the ticket", path, c.name)
			}
		}
	}
	for _, path := range []string{"/tickets", "/tickets?q=" + secret, "/tickets?team=1", "/dashboard"} {
		for _, c := range m.insiders {
			if got := c.get(path); !strings.Contains(got.body, "ticket of "+secret) {
				t.Errorf("%s by %s does not show the ticket", path, c.name)
			}
		}
	}
	for _, c := range append(m.outsider, m.insiders...) {
		reply := c.program().send(http.MethodGet, "/tickets", nil)
		if shown := strings.Contains(string(reply.body), secret); shown != (c != m.outsider[0] && c != m.outsider[1]) {
			t.Errorf("/api/tickets by %s: shown is %v", c.name, shown)
		}
	}
}

func TestFiguresOfAnAgentDoNotCountTicketsOfPrivateTeams(t *testing.T) {
	m := newTeamMatrix(t)
	for c, want := range map[*client]int64{m.outsider[0]: 0, m.insiders[0]: 1, m.insiders[1]: 1} {
		board, err := m.desk.Dashboard(t.Context(), c.self())
		if err != nil {
			t.Fatal(err)
		}
		if got := board.ByStatus[desk.StatusOpen]; got != want {
			t.Errorf("%s: %d open, want %d", c.name, got, want)
		}
		if got := int64(len(board.Waiting)); got != want {
			t.Errorf("%s: %d waiting, want %d", c.name, got, want)
		}
	}
}

func TestASocketIsClosedWhenItsUserLosesTheTicketOfAPrivateTeam(t *testing.T) {
	for name, lose := range map[string]func(m *teamMatrix, who *client){
		"leaving the team": func(m *teamMatrix, who *client) {
			m.boss.post(fmt.Sprintf("/admin/teams/1/members/%d", who.id), url.Values{"do": {"remove"}}).wants(m.t, http.StatusSeeOther)
		},
		"a move to another team": func(m *teamMatrix, who *client) {
			other := m.app.team("Finance", true)
			m.boss.post(web.TicketURL(m.ticket)+"/assignment", url.Values{"team": {fmt.Sprint(other)}}).wants(m.t, http.StatusSeeOther)
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newTeamMatrix(t)
			member := m.insiders[1]
			s := member.socket(web.TicketURL(m.ticket) + "/chat?after=1")
			s.send(map[string]any{"type": "message", "message": "Hello"})
			if got := s.answer(); got.Type != "ack" {
				t.Fatalf("got %+v", got)
			}
			lose(m, member)
			s.closes(live.CloseGone)
			before := m.everything(t)
			member.post(web.TicketURL(m.ticket)+"/comments", url.Values{"text": {"Late"}}).wants(t, http.StatusNotFound)
			if what := before.differs(m.everything(t)); what != "" {
				t.Errorf("the next comment changed %s", what)
			}
		})
	}
}

func TestATicketOfAPrivateTeamWakesNoListOfOtherStaff(t *testing.T) {
	m := newTeamMatrix(t)
	inside, outside := m.insiders[1].socket("/tickets/live"), []*socket{}
	for _, c := range m.outsider {
		outside = append(outside, c.socket("/tickets/live"))
	}
	for _, s := range append(outside, inside) {
		s.unread(0) // the count follows the check of the socket's rights
	}
	wakes := func(what string) {
		t.Helper()
		if text, closed := inside.next(); text != `{"type":"changed"}` {
			t.Errorf("%s: a member gets %q, %d", what, text, closed)
		}
	}
	m.addsComment(m.boss, m.ticket, "An answer")
	wakes("a comment")
	m.boss.post(web.TicketURL(m.ticket)+"/notes", url.Values{"text": {"A note"}}).wants(t, http.StatusSeeOther)
	wakes("a note")
	m.boss.socket(web.TicketURL(m.ticket) + "/chat?after=1")
	wakes("a present user")
	for i, s := range outside {
		s.conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		if _, text, err := s.conn.ReadMessage(); err == nil {
			t.Errorf("%s gets %s", m.outsider[i].name, text)
		}
	}
}

func TestATicketThatStaffMayReadWakesTheirLists(t *testing.T) {
	m := newTeamMatrix(t)
	id := m.opensTicket(m.customer("Ana"), "In no team")
	agent := m.outsider[0].socket("/tickets/live")
	agent.unread(0)
	m.addsComment(m.boss, id, "An answer")
	if text, closed := agent.next(); text != `{"type":"changed"}` {
		t.Errorf("got %q, %d", text, closed)
	}
}

func TestNotificationsOfAPrivateTeamEndWithTheMembership(t *testing.T) {
	m := newTeamMatrix(t)
	member := m.insiders[1]
	m.exec(`insert into notifications (ticket_id, user_id, seq, first_seq, events, kind, author_id, created_at) values ($1, $2, 1, 1, 1, 'opened', 1, now())`, m.ticket, member.id)
	if n := m.unreadOf(member); n != 1 {
		t.Fatalf("%d unread, want 1", n)
	}
	m.boss.post(fmt.Sprintf("/admin/teams/1/members/%d", member.id), url.Values{"do": {"remove"}}).wants(t, http.StatusSeeOther)
	if n := m.unreadOf(member); n != 0 {
		t.Errorf("%d unread after leaving the team, want 0", n)
	}
}

// unreadOf returns the number of unread notifications of a user.
func (m *teamMatrix) unreadOf(c *client) int {
	m.t.Helper()
	n, err := m.desk.Notifications.Unread(m.t.Context(), c.id)
	if err != nil {
		m.t.Fatal(err)
	}
	return n[c.id]
}
