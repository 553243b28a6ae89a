package handlers

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"frontdesk/handlers/api"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/limit"
)

var (
	newcomer = obj{"username": "New", "email": "new@example.org", "password": "three unrelated words"}
	knock    = obj{"email": "new@example.org", "password": "three unrelated words"}
)

// sameAnswer fails the test if two answers differ in status, Location or body.
func sameAnswer(t *testing.T, what string, first, again reply) {
	t.Helper()
	first.wants(again.StatusCode)
	if !bytes.Equal(first.body, again.body) {
		t.Errorf("%s: the body is %q, want %q", what, first.body, again.body)
	}
	first.wantsHeader("Location", again.Header.Get("Location"))
}

func TestFiftyIdenticalRequestsForASecretGetOneAnswer(t *testing.T) {
	a := newApp(t, unlimited)
	ana := a.customer("Ana")
	_, file := a.ticketWithFile(ana)
	nobody, p := &apiClient{app: a}, ana.program()
	for _, action := range []struct {
		by     *apiClient
		path   string
		body   any
		status int
		rows   string
	}{
		{nobody, "/auth/register", newcomer, 201, "select count(*) from users where email = 'new@example.org'"},
		{nobody, "/auth/login", knock, 200, "select 1"},
		{p, "/ws-ticket", nil, 201, "select count(*) from ws_tickets"},
		{p, "/uploads/" + file + "/link", nil, 201, "select 1"},
	} {
		key := "the key of " + action.path
		send := func() reply { return action.by.send("POST", action.path, action.body, api.HeaderKey, key) }
		answers := sendConcurrently(50, send)
		last := send().wants(action.status)
		for _, got := range answers {
			if got.StatusCode == 409 {
				if got.Header.Get("Retry-After") == "" {
					t.Errorf("%s: a concurrent request has no Retry-After", action.path)
				}
				continue
			}
			sameAnswer(t, action.path, last, got)
		}
		if n := a.count(action.rows); n != 1 {
			t.Errorf("%s: %d rows", action.path, n)
		}
	}
}

func TestAKeyWithoutATokenIsBoundToOneRequest(t *testing.T) {
	a := newApp(t, unlimited)
	nobody := &apiClient{app: a}
	first := nobody.send("POST", "/auth/register", newcomer, api.HeaderKey, "k").wants(201)
	sameAnswer(t, "register", first, nobody.send("POST", "/auth/register", newcomer, api.HeaderKey, "k"))
	(&apiClient{app: a, token: first.get("token").(string)}).send("GET", "/tickets", nil).wants(200)
	nobody.send("POST", "/auth/register", newcomer).wants(409)
	other := obj{"username": "New", "email": "new@example.org", "password": "three other words"}
	nobody.send("POST", "/auth/register", other, api.HeaderKey, "k").wants(422)
	nobody.send("POST", "/auth/login", knock, api.HeaderKey, "k").wants(422)

	wrong := obj{"email": "new@example.org", "password": "not the password"}
	nobody.send("POST", "/auth/login", wrong, api.HeaderKey, "l").wants(401)
	in := nobody.send("POST", "/auth/login", knock, api.HeaderKey, "l").wants(200) // the failed request released the key
	nobody.send("POST", "/auth/login", wrong, api.HeaderKey, "l").wants(422)
	sameAnswer(t, "login", in, nobody.send("POST", "/auth/login", knock, api.HeaderKey, "l"))
	nobody.send("POST", "/auth/login", knock, api.HeaderKey, strings.Repeat("l", 256)).wants(400)

	ana := a.customer("Ana").program()
	ana.send("POST", "/ws-ticket", nil, api.HeaderKey, "k").wants(201) // her key is separate
	ana.send("POST", "/ws-ticket", obj{"a": 1}, api.HeaderKey, "k").wants(422)
	ana.send("POST", "/ws-ticket", strings.Repeat("a", api.MaxJSON+1), api.HeaderKey, "m").wants(413)
}

func TestAStoredSecretAnswerCannotBeUsed(t *testing.T) {
	a := newApp(t, unlimited)
	nobody := &apiClient{app: a}
	token := nobody.send("POST", "/auth/register", newcomer, api.HeaderKey, "k").wants(201).get("token").(string)
	for _, secret := range []string{token, newcomer["password"].(string), "eyJ"} {
		if n := a.count("select count(*) from api_answers x where position($1::text::bytea in body) > 0 or to_jsonb(x)::text like '%' || $1 || '%'", secret); n != 0 {
			t.Errorf("%s… is in the database", secret[:3])
		}
	}
	// A stored answer can be decrypted only under its own key, not under another key whose
	// request is known to a thief of the database.
	nobody.send("POST", "/auth/login", knock, api.HeaderKey, "l").wants(200)
	a.exec("update api_answers a set body = b.body from api_answers b where a.status = 200 and b.status = 201")
	nobody.send("POST", "/auth/login", knock, api.HeaderKey, "l").wants(500)
}

// An idempotency key does not bypass the limit of attempts at a password.
func TestARepeatedAnswerCountsAsAnAttempt(t *testing.T) {
	a := newApp(t, func(o *desk.Options) {
		o.Limits.SignIn = limit.Limit{N: 4, Per: time.Hour}
		o.Limits.Register = limit.Limit{N: 3, Per: time.Hour}
	})
	nobody := &apiClient{app: a}
	nobody.send("POST", "/auth/register", newcomer, api.HeaderKey, "r").wants(201)
	nobody.send("POST", "/auth/register", newcomer, api.HeaderKey, "r").wants(201)
	guess := obj{"username": "New", "email": "new@example.org", "password": "a guess at the words"}
	nobody.send("POST", "/auth/register", guess, api.HeaderKey, "r").wants(422)
	nobody.send("POST", "/auth/register", guess, api.HeaderKey, "r").wants(429)
	nobody.send("POST", "/auth/register", newcomer, api.HeaderKey, "r").wants(429)

	nobody.send("POST", "/auth/login", knock, api.HeaderKey, "l").wants(200)
	nobody.send("POST", "/auth/login", knock, api.HeaderKey, "l").wants(200)
	for range 2 {
		nobody.send("POST", "/auth/login", obj{"email": "new@example.org", "password": "a guess"}, api.HeaderKey, "l").wants(422)
	}
	if got := nobody.send("POST", "/auth/login", knock, api.HeaderKey, "l").wants(429); got.Header.Get("Retry-After") == "" {
		t.Error("the answer has no Retry-After")
	}
	nobody.send("POST", "/auth/login", obj{"email": strings.Repeat("a", 1000), "password": "x"}, api.HeaderKey, "l").wants(400)
}

func TestAStoredAnswerSurvivesAKeyChangeButNotTheLossOfTheKey(t *testing.T) {
	a := newApp(t, unlimited)
	key := func(i byte) []byte { return bytes.Repeat([]byte{'a' + i}, 32) }
	before := a.again(Config{TokenKeys: [][]byte{key(0)}})
	after := a.again(Config{TokenKeys: [][]byte{key(1), key(0)}})
	long := a.again(Config{TokenKeys: [][]byte{key(2), key(1)}})
	at := func(on *app) *apiClient { return &apiClient{app: on} }
	send := func(on *app) reply { return at(on).send("POST", "/auth/register", newcomer, api.HeaderKey, "k") }
	first := send(before).wants(201)
	sameAnswer(t, "after the change", first, send(after))
	other := obj{"username": "Other", "email": "new@example.org", "password": "three unrelated words"}
	at(after).send("POST", "/auth/register", other, api.HeaderKey, "k").wants(422)

	ticket := func(on *app) reply {
		p := at(on)
		p.token = p.send("POST", "/auth/login", knock).wants(200).get("token").(string)
		return p.send("POST", "/tickets", invoice, api.HeaderKey, "t").wants(201)
	}
	one := ticket(before)
	send(long).wants(409) // as without a key: the account exists
	if got := ticket(long); got.number("id") != one.number("id") {
		t.Error("a ticket was opened twice")
	}
	sameAnswer(t, "under the new seal", ticket(long), ticket(long))

	// A request in progress is not replaced, even if it is sealed with an unknown key.
	a.exec("update api_answers set status = 0, held_until = now() + interval '1 hour' where key in (select key from api_answers where user_id is not null)")
	p := at(before)
	p.token = p.send("POST", "/auth/login", knock).wants(200).get("token").(string)
	p.send("POST", "/tickets", invoice, api.HeaderKey, "t").wants(409)
	if n := a.count("select count(*) from tickets"); n != 1 {
		t.Errorf("%d tickets, want 1", n)
	}
}

// A process may hang for longer than its claim of a key lasts.
func TestALateAnswerDoesNotReplaceAnother(t *testing.T) {
	a := newApp(t)
	ana := account.Actor{ID: a.customer("Ana").id, Role: account.RoleCustomer}
	ctx, requests := t.Context(), []desk.Request{{Seal: []byte("s"), Hash: []byte("the same request")}}
	begin := func() (*desk.KeyLock, *desk.Answer) {
		t.Helper()
		hold, was, err := a.desk.Requests.BeginAnswer(ctx, ana, "k", requests)
		if err != nil {
			t.Fatal(err)
		}
		return hold, was
	}
	slow, _ := begin()
	slow.Release()
	a.exec("update api_answers set held_until = now() - interval '1 second'")
	quick, _ := begin()
	keep := func(hold *desk.KeyLock, text string) {
		t.Helper()
		if err := hold.Store(ctx, desk.Answer{Status: 201, Body: []byte(text)}); err != nil {
			t.Fatal(err)
		}
	}
	keep(slow, "of the slow one")
	if err := slow.Unlock(ctx); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.desk.Requests.BeginAnswer(ctx, ana, "k", requests); !errors.Is(err, fault.ErrUnderWay) {
		t.Errorf("the quick process has the key: got %v, want %v", err, fault.ErrUnderWay)
	}
	keep(quick, "of the quick one")
	_, was := begin()
	if was == nil {
		t.Fatal("no answer is stored")
	}
	if string(was.Body) != "of the quick one" {
		t.Errorf(`the body is %s, want "of the quick one"`, string(was.Body))
	}
}
