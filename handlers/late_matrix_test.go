package handlers

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
)

// The matrix of ended rights: every unsafe route × {page, API} × {demoted,
// disabled, signed out, expired, token revoked, password changed} × {the right ends
// before the body, before its last byte}. No answer contains a ticket, and no
// row changes.

// lateRun sends requests of admins who lose their right before the last byte of the request.
type lateRun struct {
	*matrixRun
	signer   *web.SignedTokens
	made     int
	requests int
}

// latecomer is an admin with one credential, which is in the headers of a request.
type latecomer struct {
	*client
	header    string
	isSession bool
}

// endings has the SQL statements that end the right of a latecomer, by name.
var endings = map[string]string{
	"demoted":          "update users set role = 'customer', session_ver = session_ver + 1 where id = $1",
	"disabled":         "update users set disabled_at = now(), session_ver = session_ver + 1 where id = $1",
	"password changed": "update users set session_ver = session_ver + 1 where id = $1",
}

var (
	sessionEndings = with(map[string]string{
		"signed out": "update sessions set revoked_at = now() where user_id = $1",
		"expired":    "update sessions set expires_at = now() - interval '1 second' where user_id = $1",
	})
	tokenEndings = with(map[string]string{
		"token revoked":  "update api_tokens set revoked_at = now() where user_id = $1 and name = 'Late'",
		"token expired":  "update api_tokens set expires_at = now() - interval '1 second' where user_id = $1 and name = 'Late'",
		signedTokenEnded: "",
	})
)

// signedTokenEnded is an ending without SQL: the clock of the desk passes the expiry of a
// signed token.
const signedTokenEnded = "signed token expired"

// with returns the endings with others added.
func with(others map[string]string) map[string]string {
	out := maps.Clone(endings)
	maps.Copy(out, others)
	return out
}

func TestAFormHasNoEffectAfterItsRightHasEnded(t *testing.T) {
	l := newLateRun(t)
	for _, r := range l.app.handler.Handler.(*echo.Echo).Routes() {
		e, known := matrix[r.Method+" "+r.Path]
		if r.Method != http.MethodPost || !known || e.isOpen() {
			continue
		}
		l.tryRoute(r, e, sessionEndings, func(padding int) (string, []byte) { return urlencoded(e.form, padding) })
		if e.kind == "ticket" { // the answer to a refused form contains the ticket
			l.tryRoute(r, e, sessionEndings, func(padding int) (string, []byte) { return urlencoded(nil, padding) })
		}
		if takesFilesAt[r.Path] {
			l.tryRoute(r, e, sessionEndings, func(padding int) (string, []byte) { return l.multipart(e.form, padding) })
		}
	}
	t.Logf("%d requests", l.requests)
}

// bodiless has the routes that do not read a body: they act when its first bytes have arrived.
var bodiless = map[string]bool{"DELETE /api/tickets/:id": true, "POST /api/ws-ticket": true, "POST /api/uploads/:name/link": true,
	"POST /api/notifications/read": true, "POST /api/notifications/:id/read": true,
	"DELETE /api/views/:id": true, "DELETE /api/tickets/:id/notes/:seq": true, "POST /api/tickets/:id/followers": true, "DELETE /api/tickets/:id/followers": true,
	"DELETE /api/teams/:id/members/:user": true, "DELETE /api/roles/:id": true, "POST /api/invitations/:id/link": true, "DELETE /api/invitations/:id": true}

var takesFilesAt = map[string]bool{"/tickets": true, "/tickets/:id": true, "/tickets/:id/comments": true, "/tickets/:id/notes": true, "/uploads": true,
	"/api/tickets": true, "/api/tickets/:id": true, "/api/tickets/:id/attachment": true}

func TestAnAPIRequestHasNoEffectAfterItsRightHasEnded(t *testing.T) {
	l := newLateRun(t)
	for _, r := range l.app.handler.Handler.(*echo.Echo).Routes() {
		e, known := apiMatrix[r.Method+" "+r.Path]
		isRead := r.Method == http.MethodGet || r.Method == http.MethodHead
		if !known || e.who == web.Open || isRead {
			continue
		}
		asPage := entry{kind: e.kind}
		l.tryRoute(r, asPage, tokenEndings, func(padding int) (string, []byte) { return l.json(e.body, padding) })
		if takesFilesAt[r.Path] && r.Method != http.MethodDelete {
			l.tryRoute(r, asPage, tokenEndings, func(padding int) (string, []byte) { return l.multipart(edit, padding) })
		}
	}
	t.Logf("%d requests", l.requests)
}

// newLateRun returns a run with a signer of access tokens.
func newLateRun(t *testing.T) *lateRun {
	t.Helper()
	m := newMatrixRun(t)
	return &lateRun{matrixRun: m, signer: web.NewSignedTokens(testKeys, m.app.desk.Now)}
}

// tryRoute sends a request for each ending, twice: one whose right ends before
// the body, and one with a longer body whose right ends before the last byte.
func (l *lateRun) tryRoute(r *echo.Route, e entry, endings map[string]string, body func(padding int) (string, []byte)) {
	relation := map[string]string{"": "none", "token": "own", "notification": "own", "view": "own", "category": "foreign", "role": "foreign", "invitation": "foreign"}[e.kind]
	if relation == "" {
		relation = "foreign"
	}
	isAPI := strings.HasPrefix(r.Path, "/api")
	for _, how := range slices.Sorted(maps.Keys(endings)) {
		for _, padding := range []int{1, web.EarlyBody + 100} {
			if padding > web.EarlyBody && bodiless[r.Method+" "+r.Path] {
				continue
			}
			who := l.latecomer(isAPI, how)
			target := l.target(cell{entry: e, person: person{who.name, who.client}, relation: relation})
			before := l.state(who)
			path := strings.NewReplacer(":id", target, ":name", target, ":seq", noteSeq, ":user", "999999").Replace(r.Path)
			kind, b := body(padding)
			got := l.send(who, r.Method, path, kind, b, func() { l.end(who, how, endings[how]) })
			what := fmt.Sprintf("%s %s as %s, %s, %d bytes", r.Method, r.Path, kind[:min(len(kind), 19)], how, len(b))
			l.check(what, isAPI, got)
			if changed := before.differs(l.state(who)); changed != "" {
				l.t.Errorf("%s changed %s", what, changed)
			}
		}
	}
}

// end ends the right of the latecomer.
func (l *lateRun) end(who latecomer, how, sql string) {
	l.t.Helper()
	if how == signedTokenEnded {
		l.app.later(signedTokenLeft)
		return
	}
	l.app.exec(sql, who.id)
}

// signedTokenLeft is the time until a latecomer's signed token is refused. The token itself
// has already expired, and only the leeway still accepts it.
const signedTokenLeft = web.TokenLeeway / 2

// check fails the test unless the answer refuses a request without a session and shows
// nothing of a ticket.
func (l *lateRun) check(what string, isAPI bool, got page) {
	l.t.Helper()
	switch at := got.Header.Get("Location"); {
	case isAPI && got.StatusCode != http.StatusUnauthorized:
		l.t.Errorf("%s: got %d, want 401: %.200s", what, got.StatusCode, got.body)
	case !isAPI && (got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(at, "/login?next=")):
		l.t.Errorf("%s: got %d to %q, want 303 to the sign-in page", what, got.StatusCode, at)
	}
	if strings.Contains(got.body+fmt.Sprint(got.Header), secret) {
		l.t.Errorf("%s shows a ticket", what)
	}
}

// latecomer returns a new admin with a session, or with a token that the ending ends:
// a personal token stays valid after a change of role or password.
func (l *lateRun) latecomer(isAPI bool, how string) latecomer {
	l.t.Helper()
	l.made++
	who := l.app.admin(fmt.Sprint("Late", l.made))
	l.app.exec("update sessions set seen_at = now() - interval '1 hour' where user_id = $1", who.id)
	if !isAPI {
		return latecomer{who, "Cookie: " + who.cookie(), true}
	}
	token := "fd_" + strings.ToLower(rand.Text())
	if how == "demoted" || how == "password changed" || how == signedTokenEnded {
		if how == signedTokenEnded {
			back := web.TokenLifetime + web.TokenLeeway - signedTokenLeft
			l.app.later(-back)
			defer l.app.later(back)
		}
		signed, err := l.signer.Sign(account.SignedIn{Actor: who.actor(account.RoleAdmin), SessionVer: 1})
		if err != nil {
			l.t.Fatal(err)
		}
		token = signed
	} else {
		made, _ := account.TokenCredential(token)
		l.app.exec("insert into api_tokens (user_id, name, token_hash, created_at) values ($1, 'Late', $2, now())", who.id, made.Token)
	}
	return latecomer{who, "Authorization: Bearer " + token, false}
}

// state returns a snapshot of all rows except those that an ending changes. Of other users it has
// the transactions that wrote them last, because there are hundreds of them.
func (l *lateRun) state(who latecomer) snapshot {
	l.t.Helper()
	out := l.app.everythingExcept(l.t, "rate_limits", "users", "sessions", "api_tokens", "notifications", "replica_messages")
	var others, kept, read string
	err := l.app.pool.QueryRow(l.t.Context(), `select sum(hashtextextended(concat_ws(' ', id, xmin), 0))::text,
		(select count(*) from api_tokens where revoked_at is null and name like 'Late%’s')::text,
		(select count(*) from notifications where read_at is not null)::text from users u where id <> $1`, who.id).Scan(&others, &kept, &read)
	if err != nil {
		l.t.Fatal(err)
	}
	out["other users"], out["tokens"], out["read notifications"] = others, kept, read
	return out
}

// send sends a request and calls end when the server waits for the body: it has sent
// 100 Continue (RFC 9110, 10.1.1) or, for a longer body, stored the time of the visit.
func (l *lateRun) send(who latecomer, method, path, kind string, body []byte, end func()) page {
	l.t.Helper()
	l.requests++
	addr := strings.TrimPrefix(l.app.srv.URL, "http://")
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		l.t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\n%s\r\nContent-Type: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		method, path, addr, l.app.srv.URL, who.header, kind, len(body))
	in := bufio.NewReader(conn)
	if line, err := in.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100") {
		l.t.Fatalf("%s %s: got %q, %v; want 100 Continue", method, path, line, err)
	}
	if _, err := in.ReadString('\n'); err != nil {
		l.t.Fatal(err)
	}
	if len(body) > web.EarlyBody {
		if _, err := conn.Write(body[:len(body)-1]); err != nil {
			l.t.Fatal(err)
		}
		body = body[len(body)-1:]
		l.waitUntilRead(who)
	}
	end()
	if _, err := conn.Write(body); err != nil {
		l.t.Fatal(err)
	}
	resp, err := http.ReadResponse(in, &http.Request{Method: method})
	if err != nil {
		l.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return page{Response: resp, body: string(text)}
}

// waitUntilRead waits until the server has read the latecomer's right, which it stores as a
// visit. For a signed token it stores nothing, and waitUntilRead returns at once.
func (l *lateRun) waitUntilRead(who latecomer) {
	l.t.Helper()
	const noted = `select exists (select from users where id = $1 and seen_at is not null)
		or exists (select from api_tokens where user_id = $1 and name = 'Late' and last_used_at is not null)
		or not exists (select from api_tokens where user_id = $1 and name = 'Late') and not $2
		from pg_sleep(0.002)`
	for done := false; !done; {
		if err := l.app.pool.QueryRow(l.t.Context(), noted, who.id, who.isSession).Scan(&done); err != nil {
			l.t.Fatal(err)
		}
	}
}
