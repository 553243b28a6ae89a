package hostile

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gorilla/websocket"

	"frontdesk/cmd/faults/internal/client"
)

// Foreign requests everything of the owner's ticket as another customer and as a visitor, and
// everything for which only staff have the right.
func Foreign(ctx context.Context, t *Target) (*Result, error) {
	r := &Result{}
	return r, t.unchanged(ctx, r, "requests of others", func() error {
		err := t.foreignEndpoints(ctx, r)
		err = errors.Join(err, t.foreignPages(ctx, r))
		for who, by := range map[string]*client.Client{"another customer": t.Other, "a visitor": client.New(t.Base)} {
			err = errors.Join(err, t.foreignSocket(ctx, r, who, by, t.Base))
		}
		return err
	})
}

// staffOnly are the beginnings of the endpoints of staff.
var staffOnly = []string{"/api/staff", "/api/teams", "/api/roles", "/api/invitations", "/api/settings", "/api/views", "/api/account/away"}

// foreignEndpoints calls the endpoints.
func (t *Target) foreignEndpoints(ctx context.Context, r *Result) error {
	all, err := operations(ctx, t)
	if err != nil {
		return err
	}
	body := `{"text":"x","message":"x","subject":"x","description":"x","priority":"Low","category":"Billing","status":"CLOSED","assignee":1,"name":"x","email":"x@example.org","role":"admin"}`
	for _, o := range all {
		path := o.at(fmt.Sprint(t.Ticket))
		if strings.HasPrefix(path, "/uploads/") {
			path = strings.Replace(t.File, "/uploads/", path[:len("/uploads/")], 1)
		}
		ofStaff := false
		for _, prefix := range staffOnly {
			ofStaff = ofStaff || strings.HasPrefix(path, prefix)
		}
		for who, by := range map[string]*client.Client{"another customer": t.Other, "a visitor": client.New(t.Base)} {
			if o.open || who != "a visitor" && !strings.Contains(o.path, "/tickets/{") && !ofStaff && !strings.HasPrefix(path, "/uploads/") || strings.HasSuffix(path, "/chat") {
				continue
			}
			a, err := by.Do(ctx, o.method, path, strings.NewReader(body), "Content-Type", "application/json")
			if err != nil {
				return err
			}
			r.refused(fmt.Sprintf("%s: %s %s", who, o.method, path), a)
		}
	}
	a, err := t.Other.Do(ctx, http.MethodGet, "/api/tickets?q="+secret, nil)
	if strings.Contains(string(a.Body), secret) {
		r.reached("another customer finds the ticket by search")
	}
	return err
}

// foreignPages loads the pages.
func (t *Target) foreignPages(ctx context.Context, r *Result) error {
	ticket := fmt.Sprintf("/tickets/%d", t.Ticket)
	gets := []string{ticket, ticket + "/edit", ticket + "/delete", ticket + "/events?after=0", ticket + "/assignment", ticket + "/mentions?q=a", t.File}
	posts := []string{ticket, ticket + "/comments", ticket + "/messages", ticket + "/notes", ticket + "/status", ticket + "/triage", ticket + "/assignment", ticket + "/followers", ticket + "/delete", t.File + "/delete"}
	for _, page := range []string{"/dashboard", "/reports", "/admin/users", "/admin/invitations", "/admin/roles", "/admin/categories", "/admin/settings", "/admin/system", "/admin/mail", "/admin/mailboxes", "/admin/teams", "/admin/trash", "/views"} {
		gets, posts = append(gets, page), append(posts, page)
	}
	form := url.Values{"text": {"x"}, "status": {"CLOSED"}, "version": {"1"}, "subject": {"x"}, "description": {"x"}, "category": {"1"}, "priority": {"Low"}, "assignee": {"none"}, "name": {"x"}, "follow": {"yes"}, "submission_id": {"foreign"}}
	for who, by := range map[string]*client.Client{"another customer": t.Other, "a visitor": client.New(t.Base)} {
		for _, page := range gets {
			a, err := by.Do(ctx, http.MethodGet, page, nil)
			if err != nil {
				return err
			}
			r.refused(who+": GET "+page, a)
		}
		for _, page := range posts {
			a, err := by.Form(ctx, page, form)
			if err != nil {
				return err
			}
			r.refused(who+": POST "+page, a)
		}
	}
	return nil
}

// foreignSocket opens the sockets of the ticket, from pages of an origin.
func (t *Target) foreignSocket(ctx context.Context, r *Result, who string, by *client.Client, origin string) error {
	for _, path := range []string{fmt.Sprintf("/tickets/%d/chat?after=0", t.Ticket), fmt.Sprintf("/api/tickets/%d/chat?after=0", t.Ticket)} {
		header := http.Header{"Origin": {origin}, "Cookie": {by.Cookie}}
		if by.Token != "" && origin == t.Base {
			header.Set("Authorization", "Bearer "+by.Token)
		}
		conn, resp, err := websocket.DefaultDialer.DialContext(ctx, "ws"+strings.TrimPrefix(t.Base, "http")+path, header)
		r.Tried++
		switch {
		case err == nil:
			conn.Close()
			r.reached("%s: the socket %s is open", who, path)
		case resp == nil:
			return err
		case resp.StatusCode >= 500:
			r.failed("%s: the socket %s: answered %d", who, path, resp.StatusCode)
		}
	}
	return nil
}

// CrossSite sends the forms and sockets as a page of another site would, with the owner's cookie.
func CrossSite(ctx context.Context, t *Target) (*Result, error) {
	r := &Result{}
	const evil = "https://evil.example"
	ways := map[string][]string{
		"another origin":  {"Origin", evil},
		"no origin":       {"Origin", "null"},
		"another site":    {"Origin", "", "Sec-Fetch-Site", "cross-site"},
		"the same domain": {"Origin", "", "Sec-Fetch-Site", "same-site"},
		"a referrer":      {"Origin", "", "Referer", evil + "/"},
		"nothing":         {"Origin", ""},
		"a longer name":   {"Origin", t.Base + ".evil.example"},
	}
	ticket := fmt.Sprintf("/tickets/%d", t.Ticket)
	form := url.Values{"text": {"forged"}, "submission_id": {"forged"}, "status": {"CLOSED"}, "version": {"1"}, "username": {"Forged"}, "theme": {"dark"}, "follow": {"yes"}, "subject": {"forged"}, "description": {"forged"}, "category": {"1"}, "priority": {"Low"}}
	return r, t.unchanged(ctx, r, "requests of another site", func() error {
		for how, headers := range ways {
			for _, path := range []string{ticket + "/comments", ticket + "/messages", ticket + "/status", ticket, ticket + "/delete", "/tickets", "/account/profile", "/account/theme", "/account/sessions", "/logout", "/uploads"} {
				a, err := t.Owner.Form(ctx, path, form, headers...)
				if err != nil {
					return err
				}
				r.sound(how+": POST "+path, a)
				if a.Status != http.StatusForbidden {
					r.reached("%s: POST %s: answered %d", how, path, a.Status)
				}
			}
		}
		for _, origin := range []string{evil, "null", t.Base + ".evil.example", strings.Replace(t.Base, "http:", "https:", 1)} {
			if err := t.foreignSocket(ctx, r, "a page of "+origin, t.Owner, origin); err != nil {
				return err
			}
		}
		a, err := t.Owner.Do(ctx, http.MethodGet, "/api"+ticket, nil, "Authorization", "", "Cookie", t.Owner.Cookie)
		r.refused("the API with a cookie alone", a)
		return err
	})
}

// Credentials shows forged and old cookies and tokens.
func Credentials(ctx context.Context, t *Target) (*Result, error) {
	r := &Result{}
	err := t.unchanged(ctx, r, "forged credentials", func() error { return t.forged(ctx, r) })
	return r, errors.Join(err, t.oldSession(ctx, r), t.redirects(ctx, r))
}

// forged shows forged tokens and cookies.
func (t *Target) forged(ctx context.Context, r *Result) error {
	tokens, err := t.tokens()
	if err != nil {
		return err
	}
	for what, token := range tokens {
		for _, path := range []string{"/api/tickets", fmt.Sprintf("/api/tickets/%d", t.Ticket), t.File} {
			a, err := client.New(t.Base).Do(ctx, http.MethodGet, path, nil, "Authorization", "Bearer "+token)
			if err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
			r.refused("a token with "+what+" for "+path, a)
		}
	}
	name, value, _ := strings.Cut(t.Owner.Cookie, "=")
	for what, cookie := range map[string]string{
		"nothing": name + "=", "noise": name + "=!#$%&()*+", "a NUL": name + "=%00", "half": name + "=" + value[:len(value)/2], "one letter more": name + "=" + value + "a",
		"other letters": name + "=" + strings.ToUpper(value), "64 KiB": name + "=" + strings.Repeat("a", 20<<10), "SQL": name + "='or'1'='1", "another name": "session=" + value, "a prefix": "__Host-" + name + "=" + value + "x",
	} {
		a, err := client.New(t.Base).Do(ctx, http.MethodGet, fmt.Sprintf("/tickets/%d", t.Ticket), nil, "Cookie", cookie)
		if err != nil {
			return fmt.Errorf("a cookie with %s: %w", what, err)
		}
		r.refused("a cookie with "+what, a)
	}
	return nil
}

// tokens returns forged tokens by their fault. Most are signed with the right key.
func (t *Target) tokens() (map[string]string, error) {
	parsed, _, err := jwt.NewParser().ParseUnverified(t.Owner.Token, jwt.MapClaims{})
	if err != nil {
		return nil, err
	}
	good := parsed.Claims.(jwt.MapClaims)
	key, hour := []byte(t.Key), time.Now().Add(time.Hour).Unix()
	out := map[string]string{"nothing": "", "noise": "a.b.c", "64 KiB": strings.Repeat("a", 20<<10), "a cut signature": t.Owner.Token[:len(t.Owner.Token)-5]}
	for what, c := range map[string]struct {
		method jwt.SigningMethod
		key    any
		change func(jwt.MapClaims)
	}{
		"no algorithm":      {jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, func(jwt.MapClaims) {}},
		"HS512":             {jwt.SigningMethodHS512, key, func(jwt.MapClaims) {}},
		"another key":       {jwt.SigningMethodHS256, []byte(strings.Repeat("another key ", 4)), func(jwt.MapClaims) {}},
		"no expiry":         {jwt.SigningMethodHS256, key, func(m jwt.MapClaims) { delete(m, "exp") }},
		"an old expiry":     {jwt.SigningMethodHS256, key, func(m jwt.MapClaims) { m["exp"] = hour - 7200 }},
		"another audience":  {jwt.SigningMethodHS256, key, func(m jwt.MapClaims) { m["aud"] = "other" }},
		"no audience":       {jwt.SigningMethodHS256, key, func(m jwt.MapClaims) { delete(m, "aud") }},
		"another issuer":    {jwt.SigningMethodHS256, key, func(m jwt.MapClaims) { m["iss"] = "other" }},
		"a later issue":     {jwt.SigningMethodHS256, key, func(m jwt.MapClaims) { m["iat"] = hour }},
		"no user":           {jwt.SigningMethodHS256, key, func(m jwt.MapClaims) { m["sub"] = "999999999" }},
		"a user of letters": {jwt.SigningMethodHS256, key, func(m jwt.MapClaims) { m["sub"] = "1e0" }},
		"another version":   {jwt.SigningMethodHS256, key, func(m jwt.MapClaims) { m["ver"] = 99 }},
	} {
		claims := jwt.MapClaims{}
		for k, v := range good {
			claims[k] = v
		}
		c.change(claims)
		if out[what], err = jwt.NewWithClaims(c.method, claims).SignedString(c.key); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// oldSession signs in with a session that was chosen before, and uses a session after its end.
func (t *Target) oldSession(ctx context.Context, r *Result) error {
	name, _, _ := strings.Cut(t.Owner.Cookie, "=")
	chosen := name + "=" + strings.Repeat("c", 43)
	visitor := client.New(t.Base)
	a, err := visitor.Form(ctx, "/login", url.Values{"email": {t.Email}, "password": {t.Password}}, "Cookie", chosen)
	if err != nil {
		return err
	}
	session := client.SessionOf(a)
	r.Tried++
	if session == "" {
		return fmt.Errorf("sign in: answered %d without a session", a.Status)
	}
	if session == chosen {
		r.reached("a session that was chosen before signing in is used")
	}
	visitor.Cookie = session
	if _, err := visitor.Form(ctx, "/logout", nil); err != nil {
		return err
	}
	for what, cookie := range map[string]string{"after signing out": session, "that was chosen before": chosen} {
		a, err := visitor.Do(ctx, http.MethodGet, fmt.Sprintf("/tickets/%d", t.Ticket), nil, "Cookie", cookie)
		if err != nil {
			return err
		}
		r.refused("a session "+what, a)
	}
	return nil
}

// redirects signs in with addresses of other sites as the next page.
func (t *Target) redirects(ctx context.Context, r *Result) error {
	for _, next := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/%09/evil.example", "\t//evil.example", "javascript:x()", "https:evil.example", "/..//evil.example", "/\r\nLocation: https://evil.example"} {
		a, err := client.New(t.Base).Form(ctx, "/login?next="+url.QueryEscape(next), url.Values{"email": {t.Email}, "password": {t.Password}, "next": {next}})
		if err != nil {
			return err
		}
		r.sound(fmt.Sprintf("the next page %q", next), a)
		to, err := url.Parse(t.Base + "/login")
		if err == nil {
			to, err = to.Parse(strings.ReplaceAll(a.Header.Get("Location"), "\\", "/"))
		}
		if err != nil || "http://"+to.Host != t.Base {
			r.reached("the next page %q leads to %q", next, a.Header.Get("Location"))
		}
	}
	return nil
}
