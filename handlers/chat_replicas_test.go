package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/db"
	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
	"frontdesk/internal/live"
	"frontdesk/internal/live/livetest"
)

// replica is another server of the desk, with its own connection for notifications.
type replica struct {
	*Server
	srv *httptest.Server
	end func()
}

// replica starts another server of the desk on a listener, or on a new one if it is nil.
func (a *app) replica(on net.Listener) *replica {
	a.t.Helper()
	return a.replicaOn(db.NewBus(a.pool, slog.New(slog.DiscardHandler)), on)
}

// replicaOn starts a replica of the desk that uses the bus. It listens on the listener, or
// on a new one if that is nil.
func (a *app) replicaOn(bus live.Bus, on net.Listener) *replica {
	a.t.Helper()
	return a.replicaWith(Config{Desk: a.desk, Bus: bus}, on)
}

// replicaWith is replicaOn with a desk and a bus.
func (a *app) replicaWith(cfg Config, on net.Listener) *replica {
	a.t.Helper()
	cfg.Log = slog.New(slog.NewTextHandler(testLog{a.t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	cfg.DeskName, cfg.Ready, cfg.TokenKeys = "Frontdesk", a.pool.Ping, testKeys
	h, err := New(cfg)
	if err != nil {
		a.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { h.Run(ctx); close(done) }()
	r := &replica{Server: h, srv: httptest.NewUnstartedServer(h)}
	if on != nil {
		r.srv.Listener.Close()
		r.srv.Listener = on
	}
	r.srv.Start()
	ended := false
	r.end = func() {
		if !ended {
			ended = true
			h.CloseSockets()
			r.srv.Close()
			cancel()
			<-done
		}
	}
	a.t.Cleanup(r.end)
	return r
}

// killListeners ends the notification connection of every replica, and returns their number.
func (a *app) killListeners() (n int64) {
	a.t.Helper()
	err := a.pool.QueryRow(context.WithoutCancel(a.t.Context()), `select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity
		where application_name = 'frontdesk listen' and datname = current_database()`).Scan(&n)
	if err != nil {
		a.t.Error(err)
	}
	return n
}

func TestTwoReplicasShowTheSameLogAfterLostConnectionsToTheDatabase(t *testing.T) {
	const tickets, people, messages, every = 3, 6, 60, 250 * time.Millisecond
	a := newApp(t, func(o *desk.Options) { o.Limits = limit.Limits{SignIn: limit.Defaults.SignIn} })
	other := a.replica(nil)
	ctx := withTimeout(t)
	all := a.meetings(tickets, people, a.srv.URL, other.srv.URL)
	var killed atomic.Int64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for tick := time.NewTicker(every); ; {
			select {
			case <-stop:
				tick.Stop()
				return
			case <-tick.C:
				killed.Add(a.killListeners())
			}
		}
	}()
	talk(ctx, t, all, messages, func(int64) { time.Sleep(20 * time.Millisecond) })
	close(stop)
	<-stopped
	f, opened, gaps := a.settle(ctx, all)
	t.Logf("%d users on two replicas, %d messages each, %d connections to the database killed: lost %d, doubled %d, misordered %d (%d sockets opened, %d frames that did not follow)",
		tickets*people, messages, killed.Load(), f.Lost, f.Repeated, f.OutOfOrder, opened, gaps)
	if f != (livetest.Figures{}) {
		t.Errorf("the pages do not show exactly the log: got %+v, want %+v", f, (livetest.Figures{}))
	}
	if got := killed.Load(); got < 4 {
		t.Errorf("the pages do not show exactly the log: got %d, want at least 4", got)
	}
}

func TestAMessageSentToOneReplicaIsShownByTheOther(t *testing.T) {
	a := newApp(t)
	other := a.replica(nil)
	ctx := withTimeout(t)
	all := a.meetings(1, 2, a.srv.URL, other.srv.URL)
	ana, priya := all[0].talkers[0], all[0].talkers[1]
	if err := priya.Reach(ctx, 1); err != nil {
		t.Fatal(err)
	}
	var took []time.Duration
	for i := range 50 {
		began := time.Now()
		seq, err := ana.Post(ctx, fmt.Sprint("key ", i), fmt.Sprint("Line ", i))
		if err != nil {
			t.Fatal(err)
		}
		if err := priya.Reach(ctx, seq); err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took[1:]) // the first one includes opening the sockets
	t.Logf("from sending to one replica to showing by the other: median %s, longest %s of %d", took[25], took[49], len(took)-1)
	if took[49] > 5*time.Second {
		t.Errorf("a message took %s", took[49])
	}
}

func TestARestartOfTheServerLosesNothing(t *testing.T) {
	const tickets, people, messages, restarts = 2, 5, 60, 3
	a := newApp(t, func(o *desk.Options) { o.Limits = limit.Limits{SignIn: limit.Defaults.SignIn} })
	r := a.replica(nil)
	ctx := withTimeout(t)
	all := a.meetings(tickets, people, r.srv.URL)
	address := r.srv.Listener.Addr().String()
	turn := make(chan struct{}, restarts)
	restarted := make(chan struct{})
	go func() {
		defer close(restarted)
		for range turn {
			r.end()
			on, err := net.Listen("tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			r = a.replica(on)
		}
	}()
	talk(ctx, t, all, messages, func(n int64) {
		if n%(tickets*people*messages/(restarts+1)) == 0 && n < tickets*people*messages {
			turn <- struct{}{}
		}
	})
	close(turn)
	<-restarted
	f, opened, gaps := a.settle(ctx, all)
	t.Logf("%d users, %d messages each, %d restarts: lost %d, doubled %d, misordered %d (%d sockets opened, %d frames that did not follow)",
		tickets*people, messages, restarts, f.Lost, f.Repeated, f.OutOfOrder, opened, gaps)
	if f != (livetest.Figures{}) {
		t.Errorf("the pages do not show exactly the log: got %+v, want %+v", f, (livetest.Figures{}))
	}
	if opened < tickets*people*restarts {
		t.Errorf("the pages do not show exactly the log: got %d, want at least %d", opened, tickets*people*restarts)
	}
}
