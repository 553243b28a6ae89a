package handlers

import (
	"encoding/base64"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var (
	keyNow    = []byte("a key of thirty-two bytes, or more")
	keyBefore = []byte("the key of before, as long as that")
)

// signed makes a token of claims that change what a good one says.
func (p *program) signed(method jwt.SigningMethod, key any, change func(jwt.MapClaims)) string {
	p.app.t.Helper()
	now := time.Now().Unix()
	c := jwt.MapClaims{"sub": strconv.FormatInt(p.id, 10), "ver": 1, "iat": now, "exp": now + 600, "iss": tokenIssuer, "aud": tokenAudience}
	change(c)
	token, err := jwt.NewWithClaims(method, c).SignedString(key)
	if err != nil {
		p.app.t.Fatal(err)
	}
	return token
}

func same(jwt.MapClaims) {}

// forged are tokens that open nothing.
func (p *program) forged() map[string]string {
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
		for _, r := range (&server{}).apiRoutes() {
			if r.access == open {
				continue
			}
			got := p.send(r.method, strings.ReplaceAll(r.path, ":id", "1"), obj{"subject": "x"})
			if got.StatusCode != 401 || !strings.HasPrefix(got.Header.Get("WWW-Authenticate"), "Bearer") || got.get("error") == "" {
				t.Errorf("%s at %s %s: %d %s", name, r.method, r.path, got.StatusCode, got.body)
			}
			tried++
		}
	}
	t.Logf("%d attempts", tried)
}

func TestATokenEndsWithThePasswordTheSessionsAndTheAccount(t *testing.T) {
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
	a.later(TokenLifetime + tokenLeeway + time.Minute)
	p.send("GET", "/tickets", nil).wants(401)
}
