package handlers

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/db/dbtest"
	"frontdesk/handlers/web"
	"frontdesk/internal/live"
)

// lossyBus is the bus of one replica. It has no other messages than those about logs, as if
// all others were lost.
type lossyBus struct {
	mu      sync.Mutex
	receive func(string)
	all     bool // it loses those about logs, too
}

// Listen implements live.Bus.
func (b *lossyBus) Listen(ctx context.Context, begun func(), receive func(string)) {
	begun()
	b.mu.Lock()
	b.receive = receive
	b.mu.Unlock()
	<-ctx.Done()
}

// Publish implements live.Bus.
func (b *lossyBus) Publish(context.Context, string) error { return nil }

// committed is a [db.Committed].
func (b *lossyBus) committed(messages []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range messages {
		if b.receive != nil && strings.HasPrefix(m, "t ") && !b.all {
			b.receive(m)
		}
	}
}

// lossyDesk starts a desk whose bus loses messages.
func lossyDesk(t *testing.T, b *lossyBus) *app {
	t.Helper()
	t.Parallel()
	pool := openSender(t, dbtest.NewURL(t), b.committed)
	return newAppWith(t, pool, Config{Bus: b, BusLoses: true})
}

func TestAUserWhoseRightHasEndedGetsNoLaterEntryAlthoughTheMessageIsLost(t *testing.T) {
	a := lossyDesk(t, &lossyBus{})
	ana, priya := a.customer("Ana"), a.admin("Priya")
	id := a.opensTicket(ana, "Mine")
	for i := range 5 {
		tom := a.admin(fmt.Sprint("Tom", i))
		hers, his := ana.socket(web.TicketURL(id)+"/chat?after=1"), tom.socket(web.TicketURL(id)+"/chat?after=1")
		first, second := fmt.Sprint("Before ", i), fmt.Sprint("After ", i)
		ana.post(web.TicketURL(id)+"/messages", url.Values{"text": {first}}).wants(t, 303)
		for text := ""; !strings.Contains(text, first); text, _ = his.next() {
		}
		for text := ""; !strings.Contains(text, first); text, _ = hers.next() {
		}
		priya.post(userURL(tom)+"/disabled", url.Values{"disabled": {"true"}}).wants(t, 303)
		ana.post(web.TicketURL(id)+"/messages", url.Values{"text": {second}}).wants(t, 303)
		for text := ""; !strings.Contains(text, second); text, _ = hers.next() {
		}
		for {
			text, closed := his.next()
			if strings.Contains(text, second) {
				t.Fatal("a disabled user gets a message")
			}
			if closed != 0 {
				if closed != live.CloseSignedOut {
					t.Errorf("closed with %d", closed)
				}
				break
			}
		}
	}
}

func TestEntriesAndUnreadCountsAreShownAlthoughAllMessagesAreLost(t *testing.T) {
	b := &lossyBus{all: true}
	a := notifiedOn(t, lossyDesk(t, b))
	ana, priya := a.customer("Ana"), a.admin("Priya")
	id := a.opensTicket(ana, "Mine")
	his, list := priya.socket(web.TicketURL(id)+"/chat?after=1"), priya.socket("/tickets/live")
	if got := list.unread(0); got != 0 {
		t.Fatalf("%d unread at the start", got)
	}
	began := time.Now()
	ana.post(web.TicketURL(id)+"/messages", url.Values{"text": {"Lost?"}}).wants(t, 303)
	if his.updates().Find("#s2").Length() != 1 {
		t.Error("the message is not shown")
	}
	t.Logf("shown after %s", time.Since(began).Round(time.Millisecond))
	a.deliver()
	if got := list.unread(1); got != 1 {
		t.Errorf("%d unread, want 1", got)
	}
}
