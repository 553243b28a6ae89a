package desk_test

import (
	"errors"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/limit"
)

// signInLimits returns options that allow three sign-ins per 15 minutes.
func signInLimits() desk.Options {
	limits := limit.Defaults
	limits.SignIn = limit.Limit{N: 3, Per: 15 * time.Minute}
	return desk.Options{Limits: limits}
}

func TestALimitLastsAtMostItsWindowAfterAClockCorrection(t *testing.T) {
	t.Parallel()
	for name, ahead := range map[string]string{"an hour": "1 hour", "a day": "1 day", "years": "3 years", "a little over the window": "15 minutes 50 seconds"} {
		h := newFixture(t, signInLimits())
		if _, err := signIn(h, "ana@example.org", "wrong"); !errors.Is(err, fault.ErrCredentials) {
			t.Fatal(err)
		}
		h.exec("update rate_limits set allowed_at = now() + $1::interval", ahead)
		var limited *fault.Limited
		for range 5 {
			if _, err := signIn(h, "ana@example.org", "wrong"); errors.As(err, &limited) && limited.RetryAfter > 15*time.Minute {
				t.Errorf("%s: retry after %s, want 15 minutes at most", name, limited.RetryAfter)
			}
		}
		if limited == nil {
			t.Errorf("%s: five more sign-ins are accepted", name)
		}
	}
}

func TestAClockSetBackEndsNoLimitEarly(t *testing.T) {
	t.Parallel()
	var c clock
	opts := signInLimits()
	opts.Now = c.now
	h := newFixture(t, opts)
	for range 3 {
		if _, err := signIn(h, "ana@example.org", "wrong"); !errors.Is(err, fault.ErrCredentials) {
			t.Fatal(err)
		}
	}
	c.later(-30 * time.Second) // as the clock of another replica
	var limited *fault.Limited
	if _, err := signIn(h, "ana@example.org", "wrong"); !errors.As(err, &limited) {
		t.Errorf("got %v, want it limited", err)
	}
}

func TestCommentsAreLimitedAtMostForTheWindowAfterAClockCorrection(t *testing.T) {
	t.Parallel()
	var c clock
	opts := desk.Options{Now: c.now, Limits: limit.Defaults}
	opts.Limits.Talk = limit.Limit{N: 2, Per: 10 * time.Minute}
	h := newFixture(t, opts)
	ana := h.person("ana", account.RoleCustomer)
	id := h.opens(ana, anInput("")).ID
	c.later(48 * time.Hour)
	say := func() error {
		_, err := h.Comments.Add(t.Context(), ana, id, desk.MessageInput{Text: "Hello"})
		return err
	}
	var limited *fault.Limited
	for range 3 {
		if err := say(); err != nil && !errors.As(err, &limited) {
			t.Fatal(err)
		}
	}
	c.later(-48 * time.Hour)
	if err := say(); err != nil {
		t.Errorf("after the correction: got %v, want it sent", err)
	}
}

func TestRowsStoredByAClockAheadExpireAsIfStoredNow(t *testing.T) {
	t.Parallel()
	var c clock
	c.later(365 * 24 * time.Hour)
	h := newFixtureWithFiles(t, func(o *desk.Options) { o.Now = c.now })
	ana := h.person("ana", account.RoleCustomer)
	h.open("token", ana)
	h.stages(ana, "k", "a.txt", "one")
	if _, err := h.Requests.KeepForm(t.Context(), ana.ID, "/tickets/new", "/tickets", map[string][]string{"subject": {"S"}}); err != nil {
		t.Fatal(err)
	}
	h.exec("insert into api_tokens (user_id, name, token_hash, created_at, expires_at) values ($1, 'Week', 'x', $2, $3)", ana.ID, h.Now(), h.Now().Add(7*24*time.Hour))
	if err := h.Accounts.Sessions.Seen(t.Context(), ana); err != nil {
		t.Fatal(err)
	}
	c.later(-365 * 24 * time.Hour)
	if err := h.Upkeep.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	for what, sql := range map[string]string{
		"sessions in use":   "select count(*) from sessions where seen_at > now() + interval '1 minute' or expires_at > now() + interval '31 days'",
		"staged files":      "select count(*) from attachments where created_at > now() + interval '1 minute'",
		"kept forms":        "select count(*) from kept_forms where created_at > now() + interval '1 minute'",
		"tokens of a week":  "select count(*) from api_tokens where expires_at > now() + interval '8 days' or expires_at < now() + interval '6 days'",
		"people seen later": "select count(*) from users where seen_at > now() + interval '1 minute'",
	} {
		if n := h.number(sql); n != 0 {
			t.Errorf("%s: %d are still in the future", what, n)
		}
	}
	if got := h.whose("token"); got != ana.ID {
		t.Errorf("the session is that of %d, want it to be valid", got)
	}
	c.later(account.SessionIdle + time.Hour)
	if got := h.whose("token"); got != -1 {
		t.Errorf("the session is still that of %d after it was idle", got)
	}
}

func TestASocketTicketOfAClockAheadIsRefused(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	ana := h.person("ana", account.RoleCustomer)
	ticket, err := h.Accounts.Tokens.SocketTicket(t.Context(), ana, account.Credential{UserID: ana.ID, Version: 1})
	if err != nil {
		t.Fatal(err)
	}
	h.exec("update ws_tickets set expires_at = now() + interval '1 day'")
	if _, err := h.Accounts.Tokens.TakeSocketTicket(t.Context(), ticket); !errors.Is(err, fault.ErrCredentials) {
		t.Errorf("got %v, want it refused", err)
	}
}
