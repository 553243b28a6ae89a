package handlers

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
)

func TestASignedLinkFetchesOneFileForFiveMinutes(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	ana, nobody := c.program(), &apiClient{app: a}
	made := ana.upload("POST", "/tickets", map[string]string{"subject": "S", "description": "D", "category": "Billing", "priority": "Low"}, map[string]string{"attachment": "the invoice"}).wants(201)
	name := strings.TrimPrefix(made.get("attachment").(string), "/uploads/")
	got := ana.send("POST", "/uploads/"+name+"/link", nil).wants(201)
	link := got.get("url").(string)
	got.wantsValues(obj{"expiresIn": 300})
	if !strings.HasPrefix(link, "/uploads/"+name+"?") {
		t.Errorf("the link is %q, want the prefix %q", link, "/uploads/"+name+"?")
	}
	file := nobody.send("GET", link, nil).wants(200)
	if string(file.body) != "the invoice" {
		t.Errorf(`the body is %s, want "the invoice"`, string(file.body))
	}
	if got := len(file.Cookies()); got > 0 {
		t.Errorf("got %d cookies, want at most 0", got)
	}
	wantsHeaders(t, link, file.Header, map[string]string{"Cache-Control": "private, no-store"})
	if policy := file.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "sandbox") {
		t.Errorf("the policy of the file is %q, want a sandbox", policy)
	}
	nobody.send("HEAD", link, nil).wants(200)

	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	_, other := a.ticketWithFile(c)
	for what, forged := range map[string]string{
		"another file": strings.Replace(link, name, other, 1), "an empty signature": u.Path + "?sign=&until=" + u.Query().Get("until"),
		"half of it": u.Path + "?until=" + u.Query().Get("until") + "&sign=" + u.Query().Get("sign")[:20], "a later end": strings.Replace(link, "until=", "until=9", 1), "no end": u.Path + "?sign=" + u.Query().Get("sign"),
		"twice the end": u.Path + "?until=9999999999&" + u.RawQuery, "rubbish": u.Path + "?until=x&sign=%00",
	} {
		got := nobody.send("GET", forged, nil)
		got.wants(401)
		if value := got.get("error"); value == nil {
			t.Errorf("%s: error is nil", what)
		}
	}
	a.later(5*time.Minute - 2*time.Second)
	nobody.send("GET", link, nil).wants(200)
	a.later(4 * time.Second)
	nobody.send("GET", link, nil).wants(401)
	ana.send("GET", link, nil).wants(200) // a session with its own right still works
}

func TestALinkNeedsAccessToTheFileAndEndsWithTheTicket(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	ana, boris, boss := c.program(), a.customer("Boris").program(), a.admin("Boss").program()
	ticket, name := a.ticketWithFile(c)
	boris.send("POST", "/uploads/"+name+"/link", nil).wants(404)
	(&apiClient{app: a}).send("POST", "/uploads/"+name+"/link", nil).wants(401)
	ana.send("POST", "/uploads/"+a.stagedBy(c)+"/link", nil).wants(404)
	for _, bad := range []string{strings.Repeat("a", 26), "x", "%00", "%ff", "..%2f..%2fetc"} {
		if got := ana.send("POST", "/uploads/"+bad+"/link", nil); got.StatusCode != 404 {
			t.Errorf("%s: %d", bad, got.StatusCode)
		}
	}
	link := boss.send("POST", "/uploads/"+name+"/link", nil).wants(201).get("url").(string)
	(&apiClient{app: a}).send("GET", link, nil).wants(200)
	if err := a.desk.Tickets.Delete(t.Context(), c.actor(account.RoleCustomer), ticket); err != nil {
		t.Fatal(err)
	}
	(&apiClient{app: a}).send("GET", link, nil).wants(404)
}

func TestALinkEndsWithTheRightThatCreatedIt(t *testing.T) {
	a := newApp(t)
	boss := a.admin("Boss")
	_, file := a.ticketWithFile(a.customer("Owner"))
	for name, c := range map[string]struct {
		byToken bool
		end     func(maker *client)
	}{
		"signed out everywhere":   {false, func(m *client) { m.post("/account/sessions", nil).wants(t, 303) }},
		"disabled":                {false, func(m *client) { boss.post(userURL(m)+"/disabled", url.Values{"disabled": {"true"}}).wants(t, 303) }},
		"demoted":                 {false, func(m *client) { boss.post(userURL(m)+"/role", url.Values{"role": {"customer"}}).wants(t, 303) }},
		"reset":                   {true, func(m *client) { boss.post(userURL(m)+"/password", nil).wants(t, 200) }},
		"the token is revoked":    {true, func(m *client) { a.exec("update api_tokens set revoked_at = now() where user_id = $1", m.id) }},
		"the token has expired":   {true, func(m *client) { a.exec("update api_tokens set expires_at = now() where user_id = $1", m.id) }},
		"demoted behind our back": {true, func(m *client) { a.exec("update users set role = 'customer' where id = $1", m.id) }},
	} {
		maker := a.admin(strings.ReplaceAll(name, " ", "-"))
		p := &apiClient{app: a}
		if p.token = maker.program().token; c.byToken {
			p.token = maker.makeToken("Nightly", "30")
		}
		link := p.send("POST", "/uploads/"+file+"/link", nil).wants(201).get("url").(string)
		(&apiClient{app: a}).send("GET", link, nil).wants(200)
		c.end(maker)
		if got := (&apiClient{app: a}).send("GET", link, nil); got.StatusCode != 401 && got.StatusCode != 404 {
			t.Errorf("%s: got %d, want the link ended", name, got.StatusCode)
		}
	}
}

// A browser opens the link of a file in a new tab, without a token.
func TestALinkToAFileOpensWithTheSessionOrAfterSigningIn(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	_, name := a.ticketWithFile(c)
	ended := c.program().send("POST", "/uploads/"+name+"/link", nil).wants(201).get("url").(string)
	a.later(web.LinkTime + time.Second)
	boris := a.customer("Boris")
	const opened = "text/html,application/xhtml+xml,*/*;q=0.8"
	for what, path := range map[string]string{"the plain link": "/uploads/" + name, "a signed link that has ended": ended, "a forged one": "/uploads/" + name + "?until=9&sign=x"} {
		whole := c.get(path, "Accept", opened).wants(t, 200, "The file of Ana")
		if got := whole.Header.Get("ETag"); got == "" {
			t.Errorf("%s: ETag is empty", what)
		}
		whole.wantsHeader(t, "Accept-Ranges", "bytes")
		c.head(path, "Accept", opened).wants(t, 200).wantsHeader(t, "Content-Length", whole.Header.Get("Content-Length")).wantsHeader(t, "ETag", whole.Header.Get("ETag"))
		if part := c.get(path, "Accept", opened, "Range", "bytes=4-7").wants(t, 206); part.body != "file" {
			t.Errorf("%s: the part is %q, want %q", what, part.body, "file")
		}
		c.get(path, "Accept", opened, "If-None-Match", whole.Header.Get("ETag")).wants(t, 304)
		c.get(path, "Accept", opened, "Authorization", "Basic dXNlcjpwYXNz").wants(t, 200, "The file of Ana") // credentials for a proxy in front of the desk
		boris.get(path, "Accept", opened).wants(t, 404).lacks(t, "The file of Ana")

		visitor := a.visitor()
		for _, ask := range []func(string, ...string) page{visitor.get, visitor.head} {
			ask(path, "Accept", opened).leadsTo(t, "/login?next=%2Fuploads%2F"+name)
		}
		visitor.get(path, "Accept", opened, "Range", "bytes=4-7").leadsTo(t, "/login?next=%2Fuploads%2F"+name)
		form := visitor.follow(visitor.get(path, "Accept", opened)).wants(t, 200)
		if next := form.value("main input[name=next]"); next != "/uploads/"+name {
			t.Errorf("%s: the form leads to %q, want the file", what, next)
		}
		visitor.follow(visitor.post("/login", url.Values{"email": {c.email()}, "password": {password}, "next": {form.value("main input[name=next]")}})).wants(t, 200, "The file of Ana")
	}
	// An API client gets the error as JSON.
	for _, path := range []string{ended, "/uploads/" + name + "?sign=x"} {
		if got := (&apiClient{app: a}).send("GET", path, nil).wants(401); got.get("message") == nil {
			t.Errorf("%s: the error is %s", path, got.body)
		}
	}
	(&apiClient{app: a, token: "rubbish"}).send("GET", "/uploads/"+name, nil, "Cookie", c.cookie()).wants(401)
}

func TestARangeThatAFileDoesNotHaveIsExplained(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	_, name := a.ticketWithFile(c)
	for _, headers := range [][]string{{"Range", "bytes=99-"}, {"Range", "bytes=1-0"}, {"Range", "bytes=x"}} {
		got := c.get("/uploads/"+name, append(headers, "Accept", "text/html")...).wants(t, 416, "<h1>", "no such part")
		wantsHeaders(t, headers[1], got.Header, map[string]string{"Content-Disposition": "", "ETag": "", "Cache-Control": "no-store"})
		policy, kind := got.Header.Get("Content-Security-Policy"), got.Header.Get("Content-Type")
		if strings.Contains(policy, "sandbox") {
			t.Errorf(`%v: the policy is %q, want it without "sandbox"`, headers, policy)
		}
		if !strings.HasPrefix(kind, "text/html") {
			t.Errorf(`%v: the kind is %q, want the prefix "text/html"`, headers, kind)
		}
		if got := c.program().send("GET", "/uploads/"+name, nil, headers...).wants(416); got.get("message") == nil {
			t.Errorf("%v: an API client gets %s", headers, got.body)
		}
	}
	if got := c.get("/uploads/"+name, "Range", "bytes=99-").wants(t, 416); got.Header.Get("Content-Range") != "bytes */15" {
		t.Errorf("Content-Range is %q, want the size", got.Header.Get("Content-Range"))
	}
	c.get("/uploads/"+name, "If-Match", `"other"`).wants(t, 412, "<h1>")
	c.program().send("GET", "/uploads/"+name, nil, "If-Match", `"other"`).wants(412)
}
