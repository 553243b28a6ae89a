package handlers

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
)

var (
	keyNow    = []byte("a key of thirty-two bytes, or more")
	keyBefore = []byte("the key of before, as long as that")
)

// signed returns a signed token. The function change edits its valid claims.
func (p *apiClient) signed(method jwt.SigningMethod, key any, change func(jwt.MapClaims)) string {
	p.app.t.Helper()
	now := time.Now().Unix()
	c := jwt.MapClaims{"sub": strconv.FormatInt(p.id, 10), "ver": 1, "iat": now, "exp": now + 600, "iss": web.TokenIssuer, "aud": web.TokenAudience}
	change(c)
	token, err := jwt.NewWithClaims(method, c).SignedString(key)
	if err != nil {
		p.app.t.Fatal(err)
	}
	return token
}

// same changes nothing in the claims.
func same(jwt.MapClaims) {}

// forged returns invalid tokens by name.
func (p *apiClient) forged() map[string]string {
	with := func(name string, value any) string {
		return p.signed(jwt.SigningMethodHS256, keyNow, func(c jwt.MapClaims) { c[name] = value })
	}
	without := func(name string) string {
		return p.signed(jwt.SigningMethodHS256, keyNow, func(c jwt.MapClaims) { delete(c, name) })
	}
	good := strings.Split(p.signed(jwt.SigningMethodHS256, keyNow, same), ".")
	role := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"1","ver":1,"role":"admin"}`))
	hour := time.Now().Add(time.Hour).Unix()
	return map[string]string{
		"none": "", "rubbish": "rubbish", "two parts": good[0] + "." + good[1], "an empty signature": good[0] + "." + good[1] + ".",
		"another's claims": good[0] + "." + role + "." + good[2], "four parts": strings.Join(good, ".") + ".x",
		"alg none": p.signed(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, same),
		"HS384":    p.signed(jwt.SigningMethodHS384, keyNow, same), "HS512": p.signed(jwt.SigningMethodHS512, keyNow, same),
		"another key":  p.signed(jwt.SigningMethodHS256, []byte("some other key of thirty-two bytes"), same),
		"an empty key": p.signed(jwt.SigningMethodHS256, []byte{}, same),
		"no exp":       without("exp"), "no iat": without("iat"), "no iss": without("iss"), "no aud": without("aud"), "no sub": without("sub"), "no ver": without("ver"),
		"over": with("exp", time.Now().Add(-time.Hour).Unix()), "from the future": with("iat", hour), "not yet": with("nbf", hour),
		"another issuer": with("iss", "elsewhere"), "another audience": with("aud", "elsewhere"), "an old version": with("ver", 0), "a coming version": with("ver", 2),
		"nobody": with("sub", "999999"), "no number": with("sub", "admin"), "a list": with("sub", []string{"1"}), "exp as text": with("exp", "tomorrow"),
		"a made-up token of one's own": "fd_" + strings.Repeat("a", 26), "a long one": strings.Repeat("x", 5000),
	}
}

func TestAForgedOrStaleTokenOpensNoRoute(t *testing.T) {
	a := newApp(t, unlimited)
	ana := a.customer("Ana")
	p := ana.program()
	p.token = p.signed(jwt.SigningMethodHS256, keyNow, same)
	p.send("GET", "/tickets", nil).wants(200)
	p.token = p.signed(jwt.SigningMethodHS256, keyBefore, same)
	p.send("GET", "/tickets", nil).wants(200)
	tried := 0
	for name, token := range p.forged() {
		p.token = token
		for _, r := range withoutDesk().apiRoutes() {
			if r.Access == web.Open {
				continue
			}
			got := p.send(r.Method, strings.ReplaceAll(r.Path, ":id", "1"), obj{"subject": "x"})
			got.wants(401)
			if value := got.Header.Get("WWW-Authenticate"); !strings.HasPrefix(value, "Bearer") {
				t.Errorf(`%s at %s %s: WWW-Authenticate is %q, want the prefix "Bearer"`, name, r.Method, r.Path, value)
			}
			if value := got.get("error"); value == "" {
				t.Errorf("%s at %s %s: error is empty", name, r.Method, r.Path)
			}
			tried++
		}
	}
	t.Logf("%d attempts", tried)
}

func TestATokenIsRevokedByANewPasswordSignOutOrDisabling(t *testing.T) {
	a := newApp(t)
	boss := a.admin("Boss")
	for name, end := range map[string]func(*client){
		"a new password": func(c *client) {
			c.post("/account/password", map[string][]string{"current": {password}, "password": {"another long password"}}).wants(t, 303)
		},
		"sign out everywhere": func(c *client) { c.post("/account/sessions", nil).wants(t, 303) },
		"signed out by staff": func(c *client) { boss.post(userURL(c)+"/sessions", nil).wants(t, 303) },
		"disabled": func(c *client) {
			boss.post(userURL(c)+"/disabled", map[string][]string{"disabled": {"true"}}).wants(t, 303)
		},
		"a new role": func(c *client) { boss.post(userURL(c)+"/role", map[string][]string{"role": {"admin"}}).wants(t, 303) },
	} {
		c := a.customer("Ana " + name)
		p := c.program()
		p.send("GET", "/tickets", nil).wants(200)
		end(c)
		p.send("GET", "/tickets", nil).wants(401)
	}
	ana := a.customer("Ana")
	p := ana.program()
	a.later(web.TokenLifetime + web.TokenLeeway + time.Minute)
	p.send("GET", "/tickets", nil).wants(401)
}

// claimsOf returns the claims of a token without checking its signature, as the pages of
// the first system do.
func claimsOf(t *testing.T, token string) jwt.MapClaims {
	t.Helper()
	var c jwt.MapClaims
	if _, _, err := jwt.NewParser().ParseUnverified(token, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheTokenCarriesIDEmailAndRoleForDisplay(t *testing.T) {
	a := newApp(t)
	nobody := &apiClient{app: a}
	registered := nobody.send("POST", "/auth/register", obj{"username": "Vera", "email": "Vera@example.org", "password": "three unrelated words"}).wants(201)
	again := nobody.send("POST", "/auth/login", obj{"email": "vera@example.org", "password": "three unrelated words"}).wants(200)
	var vera int64
	if err := a.pool.QueryRow(t.Context(), "select id from users where username = 'Vera'").Scan(&vera); err != nil {
		t.Fatal(err)
	}
	boss := a.admin("Boss")
	for _, want := range []struct {
		what, token string
		id          int64
		email, role string
	}{
		{"register", registered.get("token").(string), vera, "vera@example.org", "CUSTOMER"},
		{"login", again.get("token").(string), vera, "vera@example.org", "CUSTOMER"},
		{"login of an admin", boss.program().token, boss.id, "boss@example.org", "ADMIN"},
	} {
		c := claimsOf(t, want.token)
		id, isNumber := c["id"].(float64)
		if !isNumber {
			t.Errorf("%s: the id is not a number", want.what)
		}
		if got := int64(id); got != want.id {
			t.Errorf("%s: the id is %d, want %d", want.what, got, want.id)
		}
		if email, _ := c["email"].(string); !strings.EqualFold(email, want.email) {
			t.Errorf("%s: email is %v, want %s", want.what, c["email"], want.email)
		}
		if c["role"] != want.role {
			t.Errorf("%s: role is %v, want %s", want.what, c["role"], want.role)
		}
	}
}

// A signed claim may be out of date, so the claims give no right.
func TestTheRoleAndIDInATokenGiveNoRight(t *testing.T) {
	a := newApp(t)
	boris := a.customer("Boris").program()
	foreign := boris.send("POST", "/tickets", invoice).wants(201).number("id")
	boss := a.admin("Boss")
	ana := a.customer("Ana").program()
	own := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	ana.token = ana.signed(jwt.SigningMethodHS256, keyNow, func(c jwt.MapClaims) {
		c["role"], c["id"], c["email"] = "ADMIN", boss.id, boss.email()
	})
	ana.send("GET", "/tickets", nil).wants(200).wantsValues(obj{"0.id": own, "1": nil})
	ana.send("GET", fmt.Sprintf("/tickets/%d", foreign), nil).wants(403)
	ana.send("PATCH", fmt.Sprintf("/tickets/%d/status", own), obj{"status": "CLOSED"}).wants(403)
	ana.send("POST", fmt.Sprintf("/tickets/%d/messages", own), obj{"message": "Hello"}).wants(201).wantsValues(obj{"sender.role": "CUSTOMER", "senderId": ana.id})

	demoted := a.admin("Demoted")
	before := demoted.program()
	if err := a.desk.Accounts.Users.SetRole(t.Context(), boss.actor(account.RoleAdmin), demoted.id, string(account.RoleCustomer)); err != nil {
		t.Fatal(err)
	}
	before.send("GET", fmt.Sprintf("/tickets/%d", foreign), nil).wants(401)
	// The same role in a token of the current version gives no right either.
	before.token = before.signed(jwt.SigningMethodHS256, keyNow, func(c jwt.MapClaims) { c["role"], c["ver"] = "ADMIN", 2 })
	before.send("GET", fmt.Sprintf("/tickets/%d", foreign), nil).wants(403)
}
