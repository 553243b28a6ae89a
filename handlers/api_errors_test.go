package handlers

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
)

// Every answer to a [apiClient] is checked for both texts. This test requests each status.
func TestEveryAPIErrorHasTheSameTextInErrorAndMessage(t *testing.T) {
	a := newApp(t, func(o *desk.Options) { o.Limits.Tickets = limit.Limit{N: 3, Per: time.Hour} })
	ana, boss, nobody := a.customer("Ana").program(), a.admin("Boss").program(), &apiClient{app: a}
	one := fmt.Sprintf("/tickets/%d", ana.send("POST", "/tickets", invoice, "Idempotency-Key", "k").wants(201).number("id"))
	for status, ask := range map[int]func() reply{
		400: func() reply { return ana.send("POST", one+"/comments", obj{"text": ""}) },
		401: func() reply { return nobody.send("GET", "/tickets", nil) },
		403: func() reply { return ana.send("PATCH", one+"/status", obj{"status": "CLOSED"}) },
		404: func() reply { return boss.send("GET", "/tickets/999", nil) },
		405: func() reply { return ana.send("PATCH", "/tickets", nil) },
		409: func() reply { return ana.send("PUT", one, obj{"subject": "S"}, "If-Match", `"7"`) },
		413: func() reply { return ana.send("POST", one+"/comments", obj{"text": strings.Repeat("a", 2<<20)}) },
		415: func() reply { return ana.send("POST", one+"/comments", "text=1", "Content-Type", "text/plain") },
		422: func() reply { return ana.send("POST", "/tickets", obj{"subject": "Other"}, "Idempotency-Key", "k") },
		426: func() reply { return ana.send("GET", one+"/chat", nil) },
		429: func() reply {
			for range 3 {
				ana.send("POST", "/tickets", invoice)
			}
			return ana.send("POST", "/tickets", invoice)
		},
	} {
		got := ask()
		got.wants(status)
		if value := got.get("message"); value == nil {
			t.Errorf("%d: message is nil", status)
		}
		got.wantsValues(obj{"message": got.get("error")})
	}
	for what, path := range map[string]string{"no route": "/nothing", "the root": "/", "no file": "/uploads/x/link"} {
		got := ana.send("POST", path, nil)
		if value := got.get("message"); value == nil {
			t.Errorf("%s: message is nil", what)
		}
		got.wantsValues(obj{"message": got.get("error")})
	}
	s, resp := nobody.socket(one + "/chat")
	if s != nil {
		t.Errorf("a socket without a token: got the socket %v, want none", s)
	}
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a socket without a token: the status is %d, want %d", resp.StatusCode, http.StatusUnauthorized)
	}
	if got := ana.send("GET", one+"/chat", nil, "Connection", "Upgrade", "Upgrade", "websocket").wants(400); got.get("message") == nil {
		t.Errorf("an incomplete handshake: got %s, want a message", got.body)
	}
}

func TestOnlyAPathWithoutARouteIsReportedAsNoEndpoint(t *testing.T) {
	a := newApp(t)
	const unknown = "Not found, or not visible to your account."
	for _, role := range []account.Role{account.RoleCustomer, account.RoleAdmin} {
		p := a.signedIn("Some "+string(role), role).program()
		for path, want := range map[string]string{
			"/tickets/999999": unknown, "/tickets/abc": unknown, "/tickets/999999/comments": unknown, "/uploads/none": unknown,
			"/nothing": "There is no such endpoint.", "/tickets/1/nothing": "There is no such endpoint.",
		} {
			if got := p.send("GET", path, nil).get("error"); got != want {
				t.Errorf("GET %s as %s: got %q, want %q", path, role, got, want)
			}
		}
	}
}

func TestAStoppedDatabaseIsReportedInErrorAndMessage(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	tx, err := a.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(t.Context(), "lock table users in access exclusive mode"); err != nil {
		t.Fatal(err)
	}
	got := ana.send("GET", "/tickets", nil).wants(503)
	if value := got.get("message"); value == nil {
		t.Error("message is nil")
	}
	got.wantsValues(obj{"message": got.get("error")})
	if value := got.Header.Get("Retry-After"); value == "" {
		t.Error("Retry-After is empty")
	}
}

func TestAFailureOfTheAPISaysThatNothingWasSavedOnlyToRequestsThatWrite(t *testing.T) {
	a := newApp(t)
	tom := a.agent("Tom").program()
	a.exec("alter table views rename to no_views")
	for method, want := range map[string]bool{http.MethodGet: false, http.MethodDelete: true} {
		got := string(tom.send(method, "/views/1", nil).wants(http.StatusInternalServerError).body)
		if saved := strings.Contains(got, "Nothing was saved."); saved != want {
			t.Errorf("%s gets %s: whether it says that nothing was saved is %v, want %v", method, got, saved, want)
		}
	}
}

func TestTheAPIHasTextsOfItsOwn(t *testing.T) {
	a := newApp(t)
	ana, nobody := a.customer("Ana").program(), &apiClient{app: a}
	newcomer := obj{"username": "Vera", "email": "vera@example.org", "password": "a long enough password"}
	nobody.send("POST", "/auth/register", newcomer).wants(201)
	for _, c := range []struct {
		got    reply
		status int
		text   string
	}{
		{nobody.send("POST", "/auth/register", newcomer), 409, "This address already has an account: sign in."},
		{nobody.send("POST", "/auth/login", obj{"email": "vera@example.org", "password": "wrong"}), 401, "Wrong e-mail address or password."},
		{nobody.send("GET", "/tickets", nil), 401, "Send a valid bearer token: sign in at /api/auth/login to get one."},
		{ana.send("GET", "/tickets/999", nil), 403, "Not found, or not visible to your account."},
		{ana.send("GET", "/nothing", nil), 404, "There is no such endpoint."},
		{ana.send("PATCH", "/tickets", nil), 405, "This endpoint does not accept PATCH."},
	} {
		if want := fmt.Sprintf(`{"error":%q,"message":%q}`, c.text, c.text); c.got.StatusCode != c.status || strings.TrimSpace(string(c.got.body)) != want {
			t.Errorf("got %d %s, want %d %s", c.got.StatusCode, c.got.body, c.status, want)
		}
	}
}
