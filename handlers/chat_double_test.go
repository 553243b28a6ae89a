package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/live"
	"frontdesk/internal/live/livetest"
)

func TestALineSentFiftyTimesAtOnceIsStoredOnceAndAllHearTheSamePlace(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.asked(ana, "Mine")
	ctx := patient(t)
	var talkers []*livetest.Talker
	for range 5 {
		k := ana.talker(a.srv.URL, id)
		k.Start(t.Context(), 1)
		talkers = append(talkers, k)
	}
	var sending sync.WaitGroup
	seqs := make(chan int64, 50)
	for i := range 50 {
		k := talkers[i%5]
		say := k.Post
		if i < 5 { // a socket has one sender
			say = k.Say
		}
		sending.Go(func() {
			seq, err := say(ctx, "the key", "Once")
			if err != nil {
				t.Error(err)
			}
			seqs <- seq
		})
	}
	sending.Wait()
	close(seqs)
	for seq := range seqs {
		if seq != 2 {
			t.Errorf("one is told the place %d", seq)
		}
	}
	if all := a.lines(id); len(all) != 1 || all[0].Text != "Once" {
		t.Errorf("stored are %v", all)
	}
}

// dialAt is dial on another server of the desk.
func (c *client) dialAt(base, path string) (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{Jar: c.http.Jar, HandshakeTimeout: 5 * time.Second}
	return d.DialContext(c.app.t.Context(), "ws"+strings.TrimPrefix(base, "http")+path, http.Header{"Origin": {base}})
}

// deaf is a line to the database that stays broken.
type deaf struct{ *db.Bus }

func (deaf) Listen(ctx context.Context, _ func(), _ func(string)) { <-ctx.Done() }

func TestWhileNothingIsHeardOfTheDatabaseAnEndedSessionGetsNothingAndIsClosed(t *testing.T) {
	a := newApp(t)
	other := a.replicaOn(deaf{db.NewBus(a.pool, slog.New(slog.DiscardHandler))}, nil)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	id := a.asked(ana, "Mine")
	here := func(c *client) *socket {
		conn, resp, err := c.dialAt(other.srv.URL, ticketURL(id)+"/chat?after=1")
		if err != nil {
			t.Fatalf("open: %v (%v)", err, resp)
		}
		t.Cleanup(func() { conn.Close() })
		return &socket{t, conn}
	}
	hers, his := here(ana), here(priya)
	began := time.Now()
	priya.post("/logout", nil).wants(t, 303)
	ana.post(ticketURL(id)+"/messages", url.Values{"text": {"Not for who left"}}).wants(t, 303)
	if hers.news().Find("#s2").Length() != 1 {
		t.Error("who stayed does not get the line")
	}
	for {
		text, closed := his.next()
		if strings.Contains(text, "Not for who left") {
			t.Fatal("who left gets the line")
		}
		if closed == live.CloseSignedOut {
			break
		}
		if closed != 0 {
			t.Fatalf("closed with %d", closed)
		}
	}
	took := time.Since(began)
	t.Logf("closed after %s", took.Round(time.Millisecond))
	if took > 10*time.Second {
		t.Error("that is late")
	}
}

// FuzzEnvelope has a client say anything: what is answered is none of our own
// failures, and nothing panics.
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

// FuzzEvents is the same for what a program's socket takes: it is always answered.
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
		got := s.answerProgram(who, text)
		if failures.Len() > 0 || got.Type == "" || got.Type == "error" && (got.Error == "" || got.Message == "") {
			t.Errorf("%q is answered %+v: %s", text, got, failures.String())
		}
	})
}

// talker is somebody on a socket of a ticket, and the log of what fails there.
func talker(f *testing.F) (*server, *follower, *strings.Builder) {
	f.Helper()
	pool, failures := dbtest.New(f), &strings.Builder{}
	log := slog.New(slog.NewTextHandler(failures, &slog.HandlerOptions{Level: slog.LevelError}))
	s := &server{desk: desk.New(pool, desk.Options{}), log: log}
	s.goLive(db.NewBus(pool, log))
	who := &follower{ticketID: 1}
	ctx := context.Background()
	if err := pool.QueryRow(ctx, `insert into users (username, email, password_hash, role) values ('Ana', 'ana@example.org', $1, 'admin') returning id`, testHash).Scan(&who.actor.ID); err != nil {
		f.Fatal(err)
	}
	who.actor.Role, who.session = account.RoleAdmin, account.SessionName("token")
	values := fmt.Sprintf(`{%q: %d, %q: 1, %q: "x"}`, keyUser, who.actor.ID, keyVersion, keyAgent)
	if err := s.desk.Accounts.Sessions().CommitCtx(ctx, "token", []byte(values), time.Now().Add(time.Hour)); err != nil {
		f.Fatal(err)
	}
	if _, err := pool.Exec(ctx, `insert into tickets (id, requester_id, subject, description, category_id, priority, last_seq, waiting_since, submission_id, submission_hash)
		overriding system value values (1, $1, 'Mine', 'It is.', 1, 'Medium', 1, now(), 'k', '')`, who.actor.ID); err != nil {
		f.Fatal(err)
	}
	if v, err := s.desk.Log.Standings(ctx, []desk.Standing{{Actor: who.actor, Session: who.session, TicketID: 1}}); err != nil || !v[0].MayRead {
		f.Fatal("the client may not talk: ", v, err)
	}
	return s, who, failures
}
