package handlers

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
	"frontdesk/internal/live/livetest"
)

// talker returns a chat client for a ticket on the server at base.
func (c *client) talker(base string, ticket int64) *livetest.Client {
	c.app.t.Helper()
	u, err := url.Parse(c.app.srv.URL)
	if err != nil {
		c.app.t.Fatal(err)
	}
	return &livetest.Client{Base: base, Path: web.TicketURL(ticket), Cookie: c.http.Jar.Cookies(u)[0].String()}
}

// meeting is a ticket with its chat clients.
type meeting struct {
	ticket  int64
	talkers []*livetest.Client
	sent    [][]string // by talker
}

// meetings opens tickets with a number of users each, the requester and staff, and spreads
// their clients over the servers at bases.
func (a *app) meetings(tickets, people int, bases ...string) []*meeting {
	a.t.Helper()
	var all []*meeting
	for i := range tickets {
		ana := a.customer(fmt.Sprintf("Ana%d", i))
		m := &meeting{ticket: a.opensTicket(ana, "Mine")}
		for j := range people {
			who := ana
			if j > 0 {
				who = a.admin(fmt.Sprintf("Priya%d-%d", i, j))
			}
			k := who.talker(bases[(i+j)%len(bases)], m.ticket)
			k.Polls = j%4 == 3
			k.Start(a.t.Context(), 1)
			m.talkers = append(m.talkers, k)
		}
		m.sent = make([][]string, people)
		all = append(all, m)
	}
	return all
}

// talk lets each client send a number of messages, one after the other, alternately by socket
// and by form. It calls sent after each acknowledged message.
func talk(ctx context.Context, t *testing.T, all []*meeting, messages int, sent func(n int64)) {
	t.Helper()
	var talking sync.WaitGroup
	var n atomic.Int64
	for _, m := range all {
		for j, k := range m.talkers {
			talking.Go(func() {
				for i := range messages {
					text, key, send := fmt.Sprintf("Line %d of %d", i, j), fmt.Sprintf("key %d of %d", i, j), k.Send
					if i%2 == 1 {
						send = k.Post
					}
					if _, err := send(ctx, key, text); err != nil {
						t.Errorf("%s on %d: %v", text, m.ticket, err)
						return
					}
					m.sent[j] = append(m.sent[j], text)
					sent(n.Add(1))
				}
			})
		}
	}
	talking.Wait()
}

// settle waits until every page shows the complete log of its ticket. It returns the
// differences between the sent messages and the log, and between the log and the pages.
func (a *app) settle(ctx context.Context, all []*meeting) (f livetest.Figures, opened, gaps int) {
	a.t.Helper()
	for _, m := range all {
		log := a.messages(m.ticket)
		last := log[len(log)-1].Seq
		for j, k := range m.talkers {
			if err := k.Reach(ctx, last); err != nil {
				a.t.Errorf("a page of %d: %v", m.ticket, err)
			}
			f.Add(livetest.Kept(log, m.sent[j]))
			f.Add(livetest.Compare(log, k.Messages()))
			o, s := k.Opened()
			opened, gaps = opened+o, gaps+s
		}
	}
	return f, opened, gaps
}

// messages returns the stored chat messages of a ticket.
func (a *app) messages(ticket int64) (all []livetest.Message) {
	a.t.Helper()
	rows, err := a.pool.Query(context.WithoutCancel(a.t.Context()), `select seq, body from ticket_events where ticket_id = $1 and kind = 'message' order by seq`, ticket)
	if err != nil {
		a.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var l livetest.Message
		if err := rows.Scan(&l.Seq, &l.Text); err != nil {
			a.t.Fatal(err)
		}
		all = append(all, l)
	}
	return all
}

// withTimeout returns a context with a generous timeout, which ends a test that hangs.
func withTimeout(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestBrokenConnectionsLoseRepeatAndReorderNothing(t *testing.T) {
	const tickets, people, messages, cuts = 4, 10, 250, 200
	a := newApp(t, func(o *desk.Options) { o.Limits = limit.Limits{SignIn: limit.Defaults.SignIn} })
	wire := livetest.NewWire(t, a.srv.URL)
	ctx, began := withTimeout(t), time.Now()
	all := a.meetings(tickets, people, wire.Base)
	var done atomic.Int64
	talk(ctx, t, all, messages, func(n int64) {
		if n%(tickets*people*messages/cuts) == 0 {
			time.Sleep(rand.N(5 * time.Millisecond))
			if wire.Cut() {
				done.Add(1)
			}
		}
	})
	f, opened, gaps := a.settle(ctx, all)
	t.Logf("%d users, %d messages each, %d cuts: lost %d, doubled %d, misordered %d (%d sockets opened, %d frames that did not follow, %s)",
		tickets*people, messages, done.Load(), f.Lost, f.Repeated, f.OutOfOrder, opened, gaps, time.Since(began).Round(time.Millisecond))
	if f != (livetest.Figures{}) {
		t.Errorf("the pages do not show exactly the log: got %+v, want %+v", f, (livetest.Figures{}))
	}
	if got := done.Load(); got != cuts {
		t.Errorf("got %d cut connections, want %d", got, cuts)
	}
}
