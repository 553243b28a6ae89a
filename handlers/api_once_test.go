package handlers

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/handlers/api"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

// sendConcurrently sends the same request n times at once, and returns the answers.
func sendConcurrently(n int, send func() reply) []reply {
	out := make([]reply, n)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range out {
		all.Go(func() { <-start; out[i] = send() })
	}
	close(start)
	all.Wait()
	return out
}

// count returns the number that a query selects.
func (a *app) count(query string, args ...any) (n int) {
	a.t.Helper()
	if err := a.pool.QueryRow(a.t.Context(), query, args...).Scan(&n); err != nil {
		a.t.Fatal(err)
	}
	return n
}

func TestFiftyRequestsWithOneKeyHaveOneEffect(t *testing.T) {
	a := newApp(t, unlimited)
	p := a.customer("Ana").program()
	one := fmt.Sprintf("/tickets/%d", p.send("POST", "/tickets", invoice).wants(201).number("id"))
	fields := map[string]string{"subject": "With a file", "description": "D", "category": "Billing", "priority": "Low"}
	for name, action := range map[string]struct {
		status int
		rows   string
		send   func(key string) reply
	}{
		"a ticket": {201, "select count(*) from tickets where subject = 'Invoice repeated'", func(key string) reply {
			return p.send("POST", "/tickets", obj{"subject": "Invoice repeated", "description": "D"}, api.HeaderKey, key)
		}},
		"a ticket with a file": {201, "select count(*) from tickets t join attachments a on a.ticket_id = t.id where t.subject = 'With a file'", func(key string) reply {
			return p.upload("POST", "/tickets", fields, map[string]string{"attachment": "the invoice"}, api.HeaderKey, key)
		}},
		"a comment": {201, "select count(*) from ticket_events where kind = 'comment'", func(key string) reply {
			return p.send("POST", one+"/comments", obj{"text": "Once"}, api.HeaderKey, key)
		}},
		"a chat line": {201, "select count(*) from ticket_events where kind = 'message'", func(key string) reply {
			return p.send("POST", one+"/messages", obj{"message": "Once"}, api.HeaderKey, key)
		}},
		"an attachment": {200, "select count(*) from attachments where ticket_id = " + one[9:] + " and removed_at is null", func(key string) reply {
			return p.upload("POST", one+"/attachment", nil, map[string]string{"file": "more"}, api.HeaderKey, key)
		}},
	} {
		key := "the key of " + name
		answers := sendConcurrently(50, func() reply { return action.send(key) })
		last := action.send(key).wants(action.status)
		done := 0
		for _, got := range answers {
			switch {
			case got.StatusCode == action.status && bytes.Equal(bytes.TrimSpace(got.body), bytes.TrimSpace(last.body)) && got.Header.Get("Location") == last.Header.Get("Location"):
				done++
			case got.StatusCode != 409 && got.StatusCode != 429 || got.Header.Get("Retry-After") == "" || got.get("error") == nil:
				t.Errorf("a repetition of %s: got %d %s", name, got.StatusCode, got.body)
			}
		}
		n := a.count(action.rows)
		if n != 1 {
			t.Errorf("%s: got %d rows, want 1", name, n)
		}
		if done == 0 {
			t.Errorf("%s: none of 50 requests succeeded", name)
		}
	}
	if n := a.count("select count(*) from attachments where ticket_id is null"); n != 0 {
		t.Errorf("%d staged files are left of repetitions", n)
	}
}

func TestAKeyBelongsToOneUserAndOneRequestForADay(t *testing.T) {
	a := newApp(t)
	ana, boris := a.customer("Ana").program(), a.customer("Boris").program()
	first := ana.send("POST", "/tickets", invoice, api.HeaderKey, "k").wants(201)
	if got := ana.send("POST", "/tickets", invoice, api.HeaderKey, "k").wants(201); got.number("id") != first.number("id") {
		t.Errorf("the same request made another ticket: %s", got.body)
	}
	ana.send("POST", "/tickets", obj{"subject": "Other", "description": "D"}, api.HeaderKey, "k").wants(422)
	one := fmt.Sprintf("/tickets/%d", first.number("id"))
	ana.send("POST", one+"/comments", obj{"text": "T"}, api.HeaderKey, "k").wants(422)
	ana.upload("POST", "/tickets", map[string]string{"subject": "Invoice 2207", "description": "It has our old address.", "category": "Billing", "priority": "High"},
		map[string]string{"attachment": "and a file"}, api.HeaderKey, "k").wants(422)
	if n := a.count("select count(*) from attachments"); n != 0 {
		t.Errorf("%d files of refused requests are kept", n)
	}
	if got := boris.send("POST", "/tickets", invoice, api.HeaderKey, "k").wants(201); got.number("id") == first.number("id") {
		t.Error("two users share a key")
	}
	ana.send("POST", "/tickets", invoice, api.HeaderKey, strings.Repeat("k", 255)).wants(201)
	ana.send("POST", "/tickets", invoice, api.HeaderKey, strings.Repeat("k", 256)).wants(400)
	if n := a.count("select count(*) from tickets"); n != 3 {
		t.Errorf("%d tickets, want 3", n)
	}
	a.later(desk.AnswerKept + time.Minute)
	if err := a.desk.Upkeep.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := a.count("select count(*) from api_answers"); n != 0 {
		t.Errorf("%d answers are kept for more than a day", n)
	}
}

func TestAFailedRequestReleasesItsKeyAndLeavesNoFile(t *testing.T) {
	a := newApp(t)
	p := a.customer("Ana").program()
	good := map[string]string{"subject": "Lamp", "description": "It is dark.", "category": "Billing", "priority": "Low"}
	bad := map[string]string{"subject": "", "description": "It is dark.", "category": "Billing", "priority": "Low"}
	p.upload("POST", "/tickets", bad, map[string]string{"attachment": "the wrong file"}, api.HeaderKey, "k").wants(400)

	a.exec("create function fails() returns trigger language plpgsql as 'begin raise exception ''out of order''; end'")
	a.exec("create trigger fails before insert on ticket_events execute function fails()")
	p.upload("POST", "/tickets", good, map[string]string{"attachment": "the wrong file"}, api.HeaderKey, "k").wants(500)
	a.exec("drop trigger fails on ticket_events")

	p.upload("POST", "/tickets", good, map[string]string{"attachment": "the right file"}, api.HeaderKey, "k").wants(201)
	if n := a.count("select count(*) from attachments"); n != 1 {
		t.Errorf("the ticket has %d files, some of failed requests", n)
	}
	p.send("POST", "/tickets", good, api.HeaderKey, "k2").wants(201)
	if n := a.count("select count(*) from tickets"); n != 2 {
		t.Errorf("%d tickets, want 2", n)
	}
}

// A process may end after its commit and before its answer.
func TestARequestWithALostAnswerIsNotRepeated(t *testing.T) {
	a := newApp(t)
	p := a.customer("Ana").program()
	one := fmt.Sprintf("/tickets/%d", p.send("POST", "/tickets", invoice).wants(201).number("id"))
	actions := []func() reply{
		func() reply { return p.send("POST", "/tickets", invoice, api.HeaderKey, "ticket") },
		func() reply { return p.send("POST", one+"/comments", obj{"text": "T"}, api.HeaderKey, "comment") },
		func() reply { return p.send("POST", one+"/messages", obj{"message": "T"}, api.HeaderKey, "message") },
		func() reply {
			return p.upload("POST", one+"/attachment", nil, map[string]string{"file": "the invoice"}, api.HeaderKey, "file")
		},
	}
	before := make([]reply, len(actions))
	for i, do := range actions {
		before[i] = do()
	}
	a.exec("update api_answers set status = 0, body = '', held_until = now() + interval '1 hour'")
	for _, do := range actions {
		do().wants(409)
	}
	a.exec("update api_answers set held_until = now() - interval '1 second'") // as if the process had ended
	for i, do := range actions {
		do().wants(before[i].StatusCode).wantsValues(obj{"id": before[i].number("id"), "attachment": before[i].get("attachment")})
	}
	tickets, entries, files := a.count("select count(*) from tickets"), a.count("select count(*) from ticket_events where kind in ('comment', 'message')"), a.count("select count(*) from attachments where removed_at is null")
	if tickets != 2 {
		t.Errorf("got %d tickets, want 2", tickets)
	}
	if entries != 2 {
		t.Errorf("got %d entries, want 2", entries)
	}
	if files != 1 {
		t.Errorf("got %d files, want 1", files)
	}
}

func TestTheAnswerToARepeatedRequestIsTheSameAlsoIfItWasLost(t *testing.T) {
	a := newApp(t)
	p := a.agent("Priya").program()
	one := fmt.Sprintf("/tickets/%d", a.customer("Ana").program().send("POST", "/tickets", invoice).wants(201).number("id"))
	text, file := map[string]string{"text": "@Zed knows."}, map[string]string{"attachment": "the invoice"}
	actions := map[string]func() reply{
		"comment": func() reply { return p.upload("POST", one+"/comments", text, file, api.HeaderKey, "comment") },
		"note":    func() reply { return p.upload("POST", one+"/notes", text, file, api.HeaderKey, "note") },
		"message": func() reply { return p.send("POST", one+"/messages", obj{"message": "T"}, api.HeaderKey, "message") },
	}
	want := map[string]string{}
	for name, do := range actions {
		want[name] = string(do().wants(201).body)
	}
	a.exec("update api_answers set status = 0, body = '', held_until = now() - interval '1 second'") // as if the process had ended
	for name, do := range actions {
		if got := string(do().wants(201).body); got != want[name] {
			t.Errorf("%s: the answer is %s, want %s", name, got, want[name])
		}
	}
}

func TestAStoredAnswerOfAnAdminIsNotReturnedAfterADemotion(t *testing.T) {
	a := newApp(t)
	priya := a.admin("Priya")
	ticket := a.customer(secret).program().send("POST", "/tickets", invoice).wants(201).number("id")
	path, body := fmt.Sprintf("/tickets/%d/comments", ticket), obj{"text": "The answer"}
	priya.program().send("POST", path, body, api.HeaderKey, "k").wants(201)
	if err := a.desk.Accounts.Users.SetRole(t.Context(), a.admin("Boss").self(), priya.id, string(account.RoleCustomer)); err != nil {
		t.Fatal(err)
	}
	priya.program().send("POST", path, body, api.HeaderKey, "k").wants(403)
}
