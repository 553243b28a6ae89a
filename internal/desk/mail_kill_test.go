package desk_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/mail"
	"frontdesk/internal/mail/mailtest"
	"frontdesk/internal/outbox"
)

// The variables of the process that [TestMailProcess] is.
const (
	processURL   = "MAIL_TEST_DATABASE"
	processPort  = "MAIL_TEST_PORT"
	processPoint = "MAIL_TEST_KILL" // such as "start ClaimMail"
)

// killer kills its process at a query: when it starts or ends, or when the transaction that has it
// was committed.
type killer struct {
	when, query string
	seen        atomic.Bool
}

type sqlKey struct{}

// TraceQueryStart implements pgx.QueryTracer.
func (k *killer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	if strings.Contains(d.SQL, "name: "+k.query+" ") {
		k.seen.Store(true)
		k.killIf(k.when == "start")
	}
	return context.WithValue(ctx, sqlKey{}, d.SQL)
}

// TraceQueryEnd implements pgx.QueryTracer.
func (k *killer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	sql, _ := ctx.Value(sqlKey{}).(string)
	k.killIf(k.when == "end" && strings.Contains(sql, "name: "+k.query+" "))
	k.killIf(k.when == "commit" && sql == "commit" && k.seen.Load())
}

// killIf kills the process if now is true.
func (k *killer) killIf(now bool) {
	if now {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

// TestMailProcess is not a test: it is the process that delivers events and sends mail for the tests
// below, until it is killed.
func TestMailProcess(t *testing.T) {
	url := os.Getenv(processURL)
	if url == "" {
		t.Skip("this is the process of other tests")
	}
	plain, err := db.Open(t.Context(), url, 6)
	if err != nil {
		t.Fatal(err)
	}
	config := plain.Config().Copy()
	when, query, _ := strings.Cut(os.Getenv(processPoint), " ")
	config.ConnConfig.Tracer = multitracer.New(config.ConnConfig.Tracer, &killer{when: when, query: query})
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	port, _ := strconv.Atoi(os.Getenv(processPort))
	opts := mailOptions(mail.Server{Host: "127.0.0.1", Port: port, Security: mail.NoTLS})
	opts.Lease, opts.Overdue, opts.Every = 2*time.Second, 2*time.Second, 200*time.Millisecond
	d := desk.New(pool, desk.Options{Mail: opts, Log: slog.New(slog.DiscardHandler)})
	if err := d.Mail.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	box := outbox.New(pool, outbox.Options{Gather: time.Millisecond, Sweep: 100 * time.Millisecond}, d.Mail.Consumer())
	go box.Run(t.Context())
	go d.Mail.Run(t.Context())
	_ = d.Mail.Work(t.Context())
}

// process starts a process that sends mail, which dies at a point; "" for none.
func (h deskWithMail) process(url, point string) *exec.Cmd {
	h.t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestMailProcess$", "-test.timeout=5m")
	cmd.Env = append(os.Environ(), processURL+"="+url, processPort+"="+strconv.Itoa(h.smtp.Target().Port), processPoint+"="+point)
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd
}

func TestAKillLosesNoMailAndDoublesOnlyWhatTheServerHadBeforeTheAnswerWasStored(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	for _, c := range []struct {
		point   string // of the process, or "server" and a step of the server
		want    int    // messages that arrive
		doubled bool   // whether the row says that it may have arrived twice
	}{
		{"start AddMail", 1, false}, {"end AddMail", 1, false}, {"end AdvancePositions", 1, false}, {"commit AdvancePositions", 1, false},
		{"end JobGetAvailable", 1, false}, {"end PeekMail", 1, false}, {"start ClaimMail", 1, false}, {"end ClaimMail", 1, false},
		{"server connect", 1, false}, {"server ehlo", 1, false}, {"server mail", 1, false}, {"server rcpt", 1, false}, {"server data", 1, false},
		{"start MarkMailEnd", 1, false}, {"end MarkMailEnd", 1, true}, {"server end, not accepted", 1, true},
		{"server end", 2, true}, {"start FinishMail", 2, true},
		{"end FinishMail", 1, false}, {"start JobSetStateIfRunningMany", 1, false},
	} {
		t.Run(c.point, func(t *testing.T) {
			t.Parallel()
			h, url := newKilledDesk(t)
			h.killAt(url, c.point)
			h.smtp.Follow(nil)
			h.process(url, "")
			h.awaitSent()
			got := h.smtp.Messages()
			if len(got) != c.want {
				t.Errorf("%d messages arrived, want %d", len(got), c.want)
			}
			for _, m := range got {
				if id := "<" + h.text("select message_id from mail_out") + ">"; m.Header().Get("Message-Id") != id {
					t.Errorf("a message has the id %s, want %s", m.Header().Get("Message-Id"), id)
				}
			}
			if doubled := h.text("select doubled::text from mail_out") == "true"; doubled != c.doubled {
				t.Errorf("doubled is %t, want %t", doubled, c.doubled)
			}
		})
	}
}

// newKilledDesk returns a desk with an answer whose mail is due, and the address of its database.
func newKilledDesk(t *testing.T) (deskWithMail, string) {
	t.Helper()
	url := dbtest.NewURL(t)
	pool, err := db.Open(t.Context(), url, 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	smtp := mailtest.New(t)
	d := desk.New(pool, desk.Options{Mail: mailOptions(smtp.Target()), Cost: account.Cost{Memory: 64, Time: 1}})
	h := deskWithMail{deskWithOutbox{fixture{d, t, pool}, nil}, smtp, nil}
	h.SetFirstReplyAssigns(t, false)
	if err := d.Mail.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, priya, ticket := h.pair()
	h.comments(priya, ticket)
	h.exec("update ticket_events set created_at = created_at - interval '1 minute'")
	return h, url
}

// killAt runs a process until it was killed at a point.
func (h deskWithMail) killAt(url, point string) {
	h.t.Helper()
	step, atServer := strings.CutPrefix(point, "server ")
	if !atServer {
		h.awaitKilled(h.process(url, point))
		return
	}
	step, lost := strings.CutSuffix(step, ", not accepted")
	reached := make(chan struct{}, 10)
	h.smtp.Follow(func(at mailtest.Step, _ string) mailtest.Act {
		if string(at) != step {
			return mailtest.Act{}
		}
		reached <- struct{}{}
		return mailtest.Act{Wait: time.Second, Drop: true, Lose: lost}
	})
	cmd := h.process(url, "")
	select {
	case <-reached:
	case <-time.After(time.Minute):
		h.t.Fatalf("the server did not reach %s", step)
	}
	if err := cmd.Process.Kill(); err != nil {
		h.t.Fatal(err)
	}
	h.awaitKilled(cmd)
}

// awaitKilled waits until the process was killed.
func (h deskWithMail) awaitKilled(cmd *exec.Cmd) {
	h.t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if !strings.Contains(fmt.Sprint(err), "killed") {
			h.t.Fatalf("the process ended with %v, want that it was killed", err)
		}
	case <-time.After(time.Minute):
		h.t.Fatal("the process was not killed")
	}
}

// awaitSent waits until the mail was sent or has failed.
func (h deskWithMail) awaitSent() {
	h.t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if n := h.number("select count(*) from mail_out where finished_at is not null"); n == 1 {
			return
		}
	}
	h.t.Fatalf("the mail is %q after two minutes: %s", h.states(), h.text("select coalesce(max(last_text), 'no mail') from mail_out"))
}
