package handlers

import (
	"fmt"
	"log/slog"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/handlers/web"
	"frontdesk/internal/bus"
	"frontdesk/internal/bus/bustest"
	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
	"frontdesk/internal/live"
	"frontdesk/internal/live/livetest"
)

// openSender opens a database as a replica with NATS does.
func openSender(t *testing.T, url string, committed db.Committed) *pgxpool.Pool {
	t.Helper()
	pool, err := db.Open(t.Context(), url, 6, db.Committed(committed))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// natsPool opens a database for a replica with NATS, and returns its bus.
func natsPool(t *testing.T, database string, server *bustest.Server) (*pgxpool.Pool, *bus.Bus) {
	t.Helper()
	var b *bus.Bus
	made := make(chan struct{})
	pool := openSender(t, database, func(messages []string) { <-made; b.Send(messages) })
	log := slog.New(slog.NewTextHandler(testLog{t}, nil))
	b = bus.New(bus.Options{URL: server.URL(), Subject: "frontdesk.test", Database: db.NewBus(pool, log), Log: log})
	close(made)
	return pool, b
}

// natsDesk starts a desk with two replicas on NATS and the limits of signing in only.
func natsDesk(t *testing.T) (server *bustest.Server, a *app, other *replica, buses []*bus.Bus) {
	t.Helper()
	t.Parallel()
	server = bustest.Start(t)
	database := dbtest.NewURL(t)
	pool, here := natsPool(t, database, server)
	a = newAppWith(t, pool, Config{Bus: here, BusLoses: true}, func(o *desk.Options) { o.Limits = limit.Limits{SignIn: limit.Defaults.SignIn} })
	other, there := a.natsReplica(database, server)
	buses = []*bus.Bus{here, there}
	areConnected(t, buses, true)
	return server, a, other, buses
}

// natsReplica starts another replica on NATS, with its own pool.
func (a *app) natsReplica(database string, server *bustest.Server) (*replica, *bus.Bus) {
	a.t.Helper()
	pool, b := natsPool(a.t, database, server)
	d := desk.New(pool, a.options)
	if err := d.Settings.Load(a.t.Context()); err != nil {
		a.t.Fatal(err)
	}
	return a.replicaWith(Config{Desk: d, Bus: b, BusLoses: true}, nil), b
}

// areConnected waits until all buses are connected to NATS, or none is.
func areConnected(t *testing.T, buses []*bus.Bus, want bool) {
	t.Helper()
	for _, b := range buses {
		for end := time.Now().Add(20 * time.Second); b.State().Connected != want; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("the state of a bus is %+v", b.State())
			}
		}
	}
}

// socketAt opens a socket on another server of the desk.
func (c *client) socketAt(base, path string) *socket {
	c.app.t.Helper()
	conn, resp, err := c.dialAt(base, path)
	if err != nil {
		c.app.t.Fatalf("open: %v (%v)", err, resp)
	}
	c.app.t.Cleanup(func() { conn.Close() })
	return &socket{c.app.t, conn}
}

func TestReplicasOnNATSShowTheSameLogWhileNATSStopsAndStarts(t *testing.T) {
	const tickets, people, messages, away, connected = 3, 6, 100, 300 * time.Millisecond, 1200 * time.Millisecond
	server, a, other, buses := natsDesk(t)
	ctx := withTimeout(t)
	all := a.meetings(tickets, people, a.srv.URL, other.srv.URL)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(connected):
			}
			server.Stop()
			time.Sleep(away)
			server.Start()
		}
	}()
	talk(ctx, t, all, messages, func(int64) { time.Sleep(40 * time.Millisecond) })
	close(stop)
	<-stopped
	f, opened, gaps := a.settle(ctx, all)
	one, two := buses[0].State(), buses[1].State()
	t.Logf("%d users on two replicas, %d messages each, NATS lost %d and %d times, %d messages by NATS, %d by NOTIFY: lost %d, doubled %d, misordered %d (%d sockets opened, %d frames that did not follow)",
		tickets*people, messages, one.Losses, two.Losses, one.ByNATS+two.ByNATS, one.ByNotify+two.ByNotify, f.Lost, f.Repeated, f.OutOfOrder, opened, gaps)
	if f != (livetest.Figures{}) {
		t.Errorf("the pages do not show exactly the log: %+v", f)
	}
	if one.Losses < 2 {
		t.Errorf("got %d losses, want at least 2", one.Losses)
	}
	if one.ByNATS == 0 {
		t.Errorf("the number of messages by NATS is %d, want more", one.ByNATS)
	}
	if one.ByNotify == 0 {
		t.Errorf("the number of messages by NOTIFY is %d, want more", one.ByNotify)
	}
}

func TestReplicasThatAreConnectedToNATSSendNothingByNotify(t *testing.T) {
	_, a, other, buses := natsDesk(t)
	ctx := withTimeout(t)
	all := a.meetings(1, 2, a.srv.URL, other.srv.URL)
	ana, priya := all[0].talkers[0], all[0].talkers[1]
	sent := func() int64 { return buses[0].State().ByNotify + buses[1].State().ByNotify }
	for i, quiet := 0, 0; quiet < 20; i++ {
		if i == 1000 {
			t.Fatal("the replicas send by NOTIFY, too")
		}
		before := sent()
		seq, err := ana.Post(ctx, fmt.Sprint("key ", i), fmt.Sprint("Line ", i))
		if err != nil {
			t.Fatal(err)
		}
		if err := priya.Reach(ctx, seq); err != nil {
			t.Fatal(err)
		}
		if quiet++; sent() != before { // at the start, until each has seen that the other is connected
			quiet = 0
		}
	}
	if n := buses[1].State().Received; n < 20 {
		t.Errorf("%d messages are received by NATS", n)
	}
}

func TestASocketOfADisabledUserIsClosedByAnotherReplicaWithAndWithoutNATS(t *testing.T) {
	server, a, other, buses := natsDesk(t)
	priya := a.admin("Priya")
	for _, away := range []bool{false, true} {
		ana := a.customer(fmt.Sprintf("Ana%t", away))
		id := a.opensTicket(ana, "Mine")
		hers := ana.socketAt(other.srv.URL, web.TicketURL(id)+"/chat?after=1")
		if away {
			server.Stop()
			areConnected(t, buses, false)
		}
		began := time.Now()
		priya.post(userURL(ana)+"/disabled", url.Values{"disabled": {"true"}}).wants(t, 303)
		hers.closes(live.CloseSignedOut)
		t.Logf("NATS away: %t: closed after %s", away, time.Since(began).Round(time.Millisecond))
	}
}

func TestPresenceIsSharedByReplicasWithAndWithoutNATS(t *testing.T) {
	server, a, other, buses := natsDesk(t)
	ana, priya, tom := a.customer("Ana Kovač"), a.admin("Priya Nair"), a.admin("Tom Lee")
	id := a.opensTicket(ana, "Mine")
	hers := ana.socket(web.TicketURL(id) + "/chat?after=1")
	his := priya.socketAt(other.srv.URL, web.TicketURL(id)+"/chat?after=1")
	hers.shows("#presence", "Staff are here")
	his.send(map[string]any{"type": "typing", "in": "chat"})
	hers.shows("#presence", "Staff are here and are writing")
	his.send(map[string]any{"type": "message", "message": "Hello"})
	hers.shows("#presence", "Staff are here")
	server.Stop()
	areConnected(t, buses, false)
	tom.socket(web.TicketURL(id) + "/chat?after=1")
	his.shows("#colleagues", "Tom Lee is reading this ticket too")
}

func TestReplicasWithAndWithoutNATSServeTheSameDesk(t *testing.T) {
	t.Parallel()
	server, database := bustest.Start(t), dbtest.NewURL(t)
	pool, err := db.Open(t.Context(), database, 6)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	a := newAppOn(t, pool)
	other, there := a.natsReplica(database, server)
	areConnected(t, []*bus.Bus{there}, true)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	id := a.opensTicket(ana, "Mine")
	hers := ana.socket(web.TicketURL(id) + "/chat?after=1")
	his := priya.socketAt(other.srv.URL, web.TicketURL(id)+"/chat?after=1")
	hers.send(map[string]any{"type": "message", "message": "Written without NATS"})
	if his.updates().Find("#s2").Length() != 1 {
		t.Error("a message from the replica without NATS is not shown")
	}
	his.send(map[string]any{"type": "message", "message": "Written with NATS"})
	for hers.updates().Find("#s3").Length() != 1 { // its own message is first
	}
}
