package realtime

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

// FuzzEnvelope sends arbitrary frames to the socket of a page. No answer is a server error,
// and nothing panics.
func FuzzEnvelope(f *testing.F) {
	for _, text := range []string{
		`{"type":"message","message":"Hello","clientMsgId":"k"}`, `{"type":"typing","in":"chat"}`, `{"type":"seen","seq":3}`,
		`{"type":"ping"}`, `{"type":"message","senderId":-1}`, `{"type":"message","ticketId":9e99}`, `null`, `[]`, `{"type":{}}`, "\xff", `{`, ``,
		`{"type":"message","message":"\u0000"}`, `{"type":"message","message":"\ud800","clientMsgId":"\ud800"}`,
		`{"type":"message","message":"x","clientMsgId":"\u0000"}`, `{"type":"message","message":"y","clientMsgId":"\ufeff k "}`,
		`{"type":"seen","seq":-9223372036854775808}`, `{"type":"seen","seq":9223372036854775807}`,
	} {
		f.Add([]byte(text))
	}
	s, who, failures := talker(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		failures.Reset()
		s.answerTo(who, text)
		if failures.Len() > 0 {
			t.Errorf("%q: %s", text, failures.String())
		}
	})
}

// FuzzEvents sends arbitrary frames to the socket of an API client. Each has an answer, and
// no answer is a server error.
func FuzzEvents(f *testing.F) {
	for _, text := range []string{
		`{"event":"message","data":{"message":"Hello","clientMsgId":"k"}}`, `{"event":"join-room","data":1}`, `{"event":"join-room","data":"1"}`, `{"event":"join-room","data":1e99}`, `{"event":"join-room"}`,
		`{"event":"ping"}`, `{"event":"message"}`, `{"event":"message","data":null}`, `{"event":"message","data":[]}`, `{"event":"message","data":{"ticketId":9e99}}`, `null`, `[]`, `{"event":{}}`, "\xff", `{`, ``,
		`{"event":"message","data":{"message":"\u0000"}}`, `{"event":"message","data":{"message":"\ud800","clientMsgId":"\ud800"}}`, `{"event":"message","data":{"message":"x","senderId":-1}}`,
		`{"event":"message","data":{"message":"x","clientMsgId":"\u0000"}}`, `{"event":"message","event":"ping","data":{}}`, `{"event":"message","data":{"message":"x","message":1}}`,
	} {
		f.Add([]byte(text))
	}
	s, who, failures := talker(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		failures.Reset()
		got := s.answerAPI(who, text)
		if got := failures.Len(); got > 0 {
			t.Errorf("%q: got %d failures, want 0", text, got)
		}
		if got.Type == "" {
			t.Errorf("%q: the type is empty", text)
		}
		if got.Type == "error" && got.Error == "" {
			t.Errorf("%q: got %+v, want a name of the error", text, got)
		}
		if got.Type == "error" && got.Message == "" {
			t.Errorf("%q: got %+v, want a text of the error", text, got)
		}
	})
}

// talker returns handlers, a subscriber of a ticket, and the log of failures.
func talker(f *testing.F) (*Realtime, *subscriber, *strings.Builder) {
	f.Helper()
	pool, failures := dbtest.New(f), &strings.Builder{}
	log := slog.New(slog.NewTextHandler(failures, &slog.HandlerOptions{Level: slog.LevelError}))
	env, err := web.New(web.Config{Desk: desk.New(pool, desk.Options{}), Log: log, TokenKeys: [][]byte{[]byte("a key of thirty-two bytes, or more")}})
	if err != nil {
		f.Fatal(err)
	}
	s := New(env, db.NewBus(pool, log))
	who := &subscriber{ticketID: 1}
	ctx := context.Background()
	if err := pool.QueryRow(ctx, `insert into users (username, email, password_hash, role) values ('Ana', 'ana@example.org', $1, 'admin') returning id`, "x").Scan(&who.actor.ID); err != nil {
		f.Fatal(err)
	}
	who.actor.Role, who.session = account.RoleAdmin, account.SessionName("token")
	values := fmt.Sprintf(`{%q: %d, %q: 1, %q: "x"}`, web.KeyUser, who.actor.ID, web.KeyVersion, web.KeyAgent)
	if err := s.Desk.Accounts.Sessions.Store().CommitCtx(ctx, "token", []byte(values), time.Now().Add(time.Hour)); err != nil {
		f.Fatal(err)
	}
	if _, err := pool.Exec(ctx, `insert into tickets (id, requester_id, subject, description, category_id, priority, last_seq, waiting_since, submission_id, submission_hash)
		overriding system value values (1, $1, 'Mine', 'It is.', 1, 'Medium', 1, now(), 'k', '')`, who.actor.ID); err != nil {
		f.Fatal(err)
	}
	if v, err := s.Desk.Log.CheckSubscriptions(ctx, []desk.Subscription{{Actor: who.actor, Session: who.session, TicketID: 1}}); err != nil || !v[0].MayRead {
		f.Fatal("the client may not read the ticket: ", v, err)
	}
	return s, who, failures
}
