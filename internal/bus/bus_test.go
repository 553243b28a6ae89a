package bus_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats.go"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/internal/bus"
	"frontdesk/internal/bus/bustest"
)

// replica is a bus with what it has received.
type replica struct {
	*bus.Bus
	t *testing.T

	mu       sync.Mutex
	received []string
	begun    int           // how often messages may have been missed
	blocked  chan struct{} // if not nil, receiving waits for it
	log      bytes.Buffer
}

// Write implements [io.Writer] for the log.
func (r *replica) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(p)
}

// start starts a replica that listens until the test ends.
func start(t *testing.T, url string, pool *pgxpool.Pool) *replica {
	t.Helper()
	r := &replica{t: t}
	log := slog.New(slog.NewTextHandler(r, nil))
	r.Bus = bus.New(bus.Options{URL: url, Subject: "test", Database: db.NewBus(pool, log), Log: log})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { r.Listen(ctx, r.begin, r.receive); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return r
}

func (r *replica) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun++
}

func (r *replica) receive(m string) {
	r.mu.Lock()
	blocked := r.blocked
	if m != bus.Missed {
		r.received = append(r.received, m)
	}
	r.mu.Unlock()
	if blocked != nil {
		<-blocked
	}
}

// begins returns how often messages may have been missed.
func (r *replica) begins() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.begun
}

// messages returns what has been received.
func (r *replica) messages() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.received)
}

// await fails the test if the condition is not met in time. The condition is called with r.mu
// locked.
func (r *replica) await(what string, met func() bool) {
	r.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		r.mu.Lock()
		ok := met()
		r.mu.Unlock()
		if ok {
			return
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.t.Fatalf("in time there was no %s: state %+v, log %s", what, r.State(), r.log.String())
}

// awaits waits for a message.
func (r *replica) awaits(message string) {
	r.t.Helper()
	r.await(message, func() bool { return len(r.received) > 0 && r.received[len(r.received)-1] == message })
}

// isConnected waits until the replica is connected to NATS or not.
func (r *replica) isConnected(want bool) {
	r.t.Helper()
	r.await("change of the connection", func() bool { return r.State().Connected == want })
}

// pair starts a server and two replicas that are connected.
func pair(t *testing.T) (s *bustest.Server, one, two *replica) {
	t.Helper()
	t.Parallel()
	s = bustest.Start(t)
	pool := dbtest.New(t)
	one, two = start(t, s.URL(), pool), start(t, s.URL(), pool)
	one.isConnected(true)
	two.isConnected(true)
	listeners := db.NewBus(pool, slog.New(slog.DiscardHandler))
	one.await("change of both LISTEN", func() bool {
		needed, err := listeners.HasListeners(t.Context())
		return err == nil && !needed
	})
	one.await("end of the bridge", func() bool { return !one.IsBridging() && !two.IsBridging() })
	return s, one, two
}

func TestMessagesReachTheOtherReplicaOnceAndInOrder(t *testing.T) {
	_, one, two := pair(t)
	const n = 2000
	for i := range n {
		one.Send([]string{fmt.Sprint("m ", i)})
	}
	two.awaits(fmt.Sprint("m ", n-1))
	one.awaits(fmt.Sprint("m ", n-1))
	for _, r := range []*replica{one, two} {
		var got []string
		for _, m := range r.messages() {
			if strings.HasPrefix(m, "m ") {
				got = append(got, m)
			}
		}
		for i, m := range got {
			if m != fmt.Sprint("m ", i) {
				t.Fatalf("message %d of %d is %q", i, len(got), m)
			}
		}
		if len(got) != n {
			t.Errorf("%d messages, want %d", len(got), n)
		}
	}
	now := one.State()
	if now.ByNATS < n {
		t.Errorf("the number of messages by NATS is %d, want at least %d", now.ByNATS, n)
	}
	if now.ByNotify > 0 {
		t.Errorf("the number of messages by NOTIFY is %d, want 0", now.ByNotify)
	}
}

func TestMessagesAreSentByNotifyWhileNATSIsAwayAndByNATSAfterwards(t *testing.T) {
	s, one, two := pair(t)
	before := two.begins()
	s.Stop()
	one.isConnected(false)
	two.isConnected(false)
	two.await("second reading", func() bool { return two.begun > before })
	one.Send([]string{"without NATS"})
	two.awaits("without NATS")
	now := one.State()
	if now.Err == nil {
		t.Fatal("got no error, want one")
	}
	if now.Losses != 1 {
		t.Errorf("got %d losses, want 1", now.Losses)
	}
	s.Start()
	one.isConnected(true)
	two.isConnected(true)
	byNATS := one.State().ByNATS
	one.Send([]string{"with NATS"})
	two.awaits("with NATS")
	if one.State().ByNATS == byNATS {
		t.Error("the message was not sent by NATS")
	}
}

func TestNATSThatStartsLaterIsUsed(t *testing.T) {
	t.Parallel()
	s := bustest.Start(t)
	s.Stop()
	pool := dbtest.New(t)
	one, two := start(t, s.URL(), pool), start(t, s.URL(), pool)
	one.await("reason", func() bool { return one.State().Err != nil })
	two.await("LISTEN", func() bool { return two.begun > 0 })
	one.Send([]string{"at the start"})
	two.awaits("at the start")
	s.Start()
	one.isConnected(true)
}

func TestWrongCredentialsAreReportedAndNATSIsUsedOnceTheyAreAccepted(t *testing.T) {
	t.Parallel()
	s := bustest.Start(t)
	s.Restrict("desk", "secret")
	pool := dbtest.New(t)
	one, two := start(t, s.URLOf("desk", "wr0ng"), pool), start(t, s.URLOf("desk", "wr0ng"), pool)
	one.await("reason", func() bool {
		err := one.State().Err
		return err != nil && strings.Contains(strings.ToLower(err.Error()), "authorization violation")
	})
	two.await("LISTEN", func() bool { return two.begun > 0 })
	one.Send([]string{"without rights"})
	two.awaits("without rights")
	one.mu.Lock()
	text := one.log.String()
	if !strings.Contains(text, "NATS cannot be reached") {
		t.Errorf(`the log is %q, want it with "NATS cannot be reached"`, text)
	}
	if strings.Contains(text, "wr0ng") {
		t.Errorf(`the log is %q, want it without "wr0ng"`, text)
	}
	one.mu.Unlock()
	s.Restrict("desk", "wr0ng")
	one.isConnected(true)
}

func TestAReplicaWithoutNATSGetsTheMessagesOfTheOthers(t *testing.T) {
	_, one, _ := pair(t)
	old := &replica{t: t}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	go one.ListenWithoutNATS(ctx, old.begin, old.receive)
	old.await("LISTEN", func() bool { return old.begun > 0 })
	one.await("bridge", func() bool { return one.IsBridging() })
	one.Send([]string{"to all"})
	old.awaits("to all")
}

func TestAReplicaThatReceivesTooSlowlyReadsEverythingAgain(t *testing.T) {
	s, one, _ := pair(t)
	raw, err := nats.Connect(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(raw.Close)
	before := one.begins()
	one.mu.Lock()
	one.blocked = make(chan struct{})
	one.mu.Unlock()
	for range 3 * bus.PendingMessages {
		if err := raw.Publish("test", []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := raw.Flush(); err != nil {
		t.Fatal(err)
	}
	one.await("dropped message", func() bool { return one.Dropped() > 0 })
	one.mu.Lock()
	close(one.blocked)
	one.blocked = nil
	one.mu.Unlock()
	one.await("second reading", func() bool { return one.begun > before })
}

func TestOnlyAddressesOfNATSAreAccepted(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"nats://127.0.0.1:4222", "tls://user:p%40ss@nats.example.org", "nats://a:4222, nats://b:4222"} {
		if err := bus.CheckURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"127.0.0.1:4222", "http://nats.example.org", "nats://", "nats://a:4222,", "nats://u:s3cret@a:port", "nats://a/path"} {
		err := bus.CheckURL(bad)
		if err == nil {
			t.Fatalf("%s: got no error, want one", bad)
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf(`%s: the error is %q, want it without "s3cret"`, bad, err.Error())
		}
	}
}
