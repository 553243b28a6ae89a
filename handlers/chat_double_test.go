package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"frontdesk/db"
	"frontdesk/handlers/web"
	"frontdesk/internal/live"
	"frontdesk/internal/live/livetest"
)

func TestAMessageSentFiftyTimesIsStoredOnceAndAcknowledgedWithOneSeq(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	ctx := withTimeout(t)
	var talkers []*livetest.Client
	for range 5 {
		k := ana.talker(a.srv.URL, id)
		k.Start(t.Context(), 1)
		talkers = append(talkers, k)
	}
	var sending sync.WaitGroup
	seqs := make(chan int64, 50)
	for i := range 50 {
		k := talkers[i%5]
		send := k.Post
		if i < 5 { // a socket allows one writer at a time
			send = k.Send
		}
		sending.Go(func() {
			seq, err := send(ctx, "the key", "Once")
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
			t.Errorf("an acknowledgement has the sequence number %d", seq)
		}
	}
	all := a.messages(id)
	if len(all) != 1 {
		t.Fatalf("got %d elements, want 1: %+v", len(all), all)
	}
	if all[0].Text != "Once" {
		t.Errorf(`the text is %q, want "Once"`, all[0].Text)
	}
}

// dialAt opens a socket as [client.dial] does, on another server of the desk.
func (c *client) dialAt(base, path string) (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{Jar: c.http.Jar, HandshakeTimeout: 5 * time.Second}
	return d.DialContext(c.app.t.Context(), "ws"+strings.TrimPrefix(base, "http")+path, http.Header{"Origin": {base}})
}

// silentBus is a bus that receives no messages.
type silentBus struct{ *db.Bus }

// Listen implements live.Bus. It receives nothing.
func (silentBus) Listen(ctx context.Context, _ func(), _ func(string)) { <-ctx.Done() }

func TestASocketOfAnEndedSessionIsClosedWithoutTheBus(t *testing.T) {
	a := newApp(t)
	other := a.replicaOn(silentBus{db.NewBus(a.pool, slog.New(slog.DiscardHandler))}, nil)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	id := a.opensTicket(ana, "Mine")
	here := func(c *client) *socket {
		conn, resp, err := c.dialAt(other.srv.URL, web.TicketURL(id)+"/chat?after=1")
		if err != nil {
			t.Fatalf("open: %v (%v)", err, resp)
		}
		t.Cleanup(func() { conn.Close() })
		return &socket{t, conn}
	}
	hers, his := here(ana), here(priya)
	began := time.Now()
	priya.post("/logout", nil).wants(t, 303)
	ana.post(web.TicketURL(id)+"/messages", url.Values{"text": {"Not for who left"}}).wants(t, 303)
	if hers.updates().Find("#s2").Length() != 1 {
		t.Error("the user who is signed in does not get the message")
	}
	for {
		text, closed := his.next()
		if strings.Contains(text, "Not for who left") {
			t.Fatal("the user who signed out gets the message")
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
		t.Error("the socket was closed too late")
	}
}
