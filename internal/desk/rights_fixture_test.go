package desk_test

import (
	"crypto/rand"
	"fmt"
	"time"

	"frontdesk/internal/account"
)

// withSession returns the actor of a request with a new session of who, and its token.
func (h fixture) withSession(who account.Actor) (actor account.Actor, token string) {
	h.t.Helper()
	token = rand.Text()
	version := h.number("select session_ver from users where id = $1", who.ID)
	values := fmt.Sprintf(`{"user_id": %d, "session_ver": %d}`, who.ID, version)
	if err := h.Accounts.Sessions.Store().CommitCtx(h.t.Context(), token, []byte(values), time.Now().Add(time.Hour)); err != nil {
		h.t.Fatal(err)
	}
	var found account.StoredSession
	if _, ok, err := h.Accounts.Sessions.Store().FindCtx(account.WithStored(h.t.Context(), &found), token); err != nil || !ok {
		h.t.Fatalf("the session is not found: %v", err)
	}
	return found.Account, token
}

// withToken returns the actor of a request with a new personal API token of who.
func (h fixture) withToken(who account.Actor) account.Actor {
	h.t.Helper()
	hash := []byte(rand.Text())
	h.exec("insert into api_tokens (user_id, name, token_hash, created_at) values ($1, 'a token', $2, now())", who.ID, hash)
	return h.bearer(account.Credential{Token: hash})
}

// withSignedToken returns the actor of a request with a signed API token of who.
func (h fixture) withSignedToken(who account.Actor) account.Actor {
	h.t.Helper()
	return h.bearer(account.Credential{UserID: who.ID, Version: int32(h.number("select session_ver from users where id = $1", who.ID))})
}

// bearer returns the actor of a credential.
func (h fixture) bearer(c account.Credential) account.Actor {
	h.t.Helper()
	actor, err := h.Accounts.Tokens.Bearer(h.t.Context(), c)
	if err != nil {
		h.t.Fatal(err)
	}
	return actor
}

// rightsEnd returns actors whose right has ended, by the reason.
func (h fixture) rightsEnd(who account.Actor) map[string]account.Actor {
	h.t.Helper()
	out := map[string]account.Actor{}
	lose := func(name string, actor account.Actor, sql string, args ...any) {
		h.exec(sql, args...)
		out[name] = actor
	}
	signedOut, token := h.withSession(who)
	if err := h.Accounts.Sessions.Store().DeleteCtx(h.t.Context(), token); err != nil {
		h.t.Fatal(err)
	}
	out["signed out"] = signedOut
	lose("token revoked", h.withToken(who), "update api_tokens set revoked_at = now() where user_id = $1", who.ID)
	lose("token expired", h.withToken(who), "update api_tokens set expires_at = now() - interval '1 s' where user_id = $1", who.ID)
	session, _ := h.withSession(who)
	signed := h.withSignedToken(who)
	lose("password changed, session", session, "update users set session_ver = session_ver + 1 where id = $1", who.ID)
	out["password changed, signed token"] = signed
	session, _ = h.withSession(who)
	lose("demoted", session, "update users set role = case role when 'admin' then 'customer' else 'admin' end::user_role where id = $1", who.ID)
	h.exec("update users set role = $2 where id = $1", who.ID, who.Role)
	session, _ = h.withSession(who)
	lose("disabled", session, "update users set disabled_at = now() where id = $1", who.ID)
	out["disabled, token"] = out["token expired"]
	return out
}

// waitForBlocked waits until a statement waits for an advisory lock in this database.
func (h fixture) waitForBlocked() {
	h.t.Helper()
	h.waitFor("not l.granted and l.locktype = 'advisory'")
}

// waitFor waits until a lock l of a session of this database meets a condition.
func (h fixture) waitFor(condition string) {
	h.t.Helper()
	for h.number(`select count(*) from pg_sleep(0.002), pg_locks l join pg_stat_activity a on a.pid = l.pid
		where a.datname = current_database() and `+condition) == 0 {
		if h.t.Context().Err() != nil {
			h.t.Fatal("no statement waits")
		}
	}
}
