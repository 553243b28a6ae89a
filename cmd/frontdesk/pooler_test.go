package main

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"frontdesk/db/dbtest"
	"frontdesk/internal/live/livetest"
	"frontdesk/internal/mail/mailtest"
)

// pooledDesk returns a PgBouncer in transaction mode before an empty database, and the settings
// of replicas that use it.
func pooledDesk(t *testing.T) (p *dbtest.Pooler, settings []string) {
	t.Helper()
	own := dbtest.NewOwn(t, nil)
	p = dbtest.NewPooler(t, own, "pool_mode = transaction", "default_pool_size = 8", "server_round_robin = 1")
	return p, unlimited("DATABASE_URL="+p.URL("postgres"), "DATABASE_DIRECT_URL="+own.URL("postgres"), "UPLOAD_DIR="+dataDir(t),
		"JWT_SECRET=eight quiet lamps by seven green doors", "LOG_LEVEL=ERROR")
}

// replica serves a replica with a data folder of its own.
func replica(t *testing.T, settings []string, more ...string) *running {
	t.Helper()
	return serve(t, append(append(settings[:len(settings):len(settings)], "DATA_DIR="+dataDir(t)), more...)...)
}

// attach sends the form of a ticket's page with a text and a file.
func (p *person) attach(path, text, filename string) {
	p.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range map[string]string{"submission_id": "a key for " + filename, "text": text} {
		if err := w.WriteField(name, value); err != nil {
			p.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("attachment", filename)
	if err != nil {
		p.t.Fatal(err)
	}
	fmt.Fprintln(part, "The content of "+filename)
	if err := w.Close(); err != nil {
		p.t.Fatal(err)
	}
	r, err := http.NewRequest("POST", p.base+path+"/comments", &body)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	p.send(r)
}

func TestADeskOfTwoReplicasWorksBehindPgBouncer(t *testing.T) {
	t.Parallel()
	_, settings := pooledDesk(t)
	smtp, port := mailtest.New(t), freePort(t)
	settings = append(settings, fmt.Sprintf("SMTP_URL=smtp://%s:%d", smtp.Target().Host, smtp.Target().Port), "MAIL_FROM=Help <help@example.org>", "PUBLIC_URL=http://127.0.0.1:"+port)
	first, second := replica(t, settings, "PORT="+port), replica(t, settings)
	ana, priya := newPerson(t, first.url), newPerson(t, second.url)
	ana.registerByAPI("Ana", "ana@example.org")
	smtp.Await(t, 1) // a job that a replica works
	priya.signIn(adminEmail)
	path := ana.ticket("Invoice", "It has our old address.")
	page := ana.talker(t.Context(), path)
	priya.attach(path, "Here is a new one.", "invoice.txt")
	other := newPerson(t, second.url)
	other.signIn("ana@example.org")
	if _, err := other.talker(t.Context(), path).Post(t.Context(), "key 1", "Thank you!"); err != nil {
		t.Fatal(err)
	}
	if err := page.Reach(t.Context(), 4); err != nil { // opened, assignment, comment, message
		t.Fatal(err)
	}
	got := page.Messages()
	if len(got) != 1 {
		t.Fatalf("got %d elements, want 1: %+v", len(got), got)
	}
	if got[0].Text != "Thank you!" {
		t.Errorf(`the text is %q, want "Thank you!"`, got[0].Text)
	}
	if link := ana.get(path).Find(`a[href^="/uploads/"]`); link.Length() == 0 {
		t.Error("the ticket does not show the file")
	}
	for _, list := range []string{"/tickets", "/tickets?q=invoice"} {
		if got := priya.get(list).Find("main").Text(); !strings.Contains(got, "Invoice") {
			t.Errorf("%s does not show the ticket: %s", list, got)
		}
	}
	archive := filepath.Join(dataDir(t), "desk.backup")
	env := append(settings, "DATA_DIR="+dataDir(t))
	if got := run(t, env, "backup", archive); !strings.Contains(got, "1 files") {
		t.Errorf("the backup says %q", got)
	}
	if got := run(t, env, "verify"); !strings.Contains(got, "Problems: 0") {
		t.Errorf("verify says %q", got)
	}
	run(t, env, "user", "password", "ana@example.org") // ends her sessions
	if at := ana.leadsTo(path); at != "/login" {
		t.Errorf("after the session ended, the ticket leads to %s, want /login", at)
	}
	first.end(t, syscall.SIGTERM)
	second.end(t, syscall.SIGTERM)
}

// leadsTo loads a page and returns its path after redirects.
func (p *person) leadsTo(path string) string {
	p.t.Helper()
	r, err := http.NewRequest("GET", p.base+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	_, at := p.send(r)
	return at
}

// crowd is people who chat on one ticket, each with an open page.
type crowd struct {
	talkers []*livetest.Client
	sent    [][]string
	lines   int
	n       atomic.Int64 // acknowledged messages
	talking sync.WaitGroup
}

// chat makes each of the people send lines messages on the ticket at path, by socket and by form in turns.
func chat(ctx context.Context, t *testing.T, people []*person, path string, lines int) *crowd {
	c := &crowd{sent: make([][]string, len(people)), lines: lines}
	for i, p := range people {
		k := p.talker(ctx, path)
		c.talkers = append(c.talkers, k)
		c.talking.Go(func() {
			for j := range lines {
				text, send := fmt.Sprintf("Line %d of %d", j, i), k.Send
				if j%2 == 1 {
					send = k.Post
				}
				if _, err := send(ctx, fmt.Sprintf("key %d of %d", j, i), text); err != nil {
					t.Errorf("%s: %v", text, err)
					return
				}
				c.sent[i] = append(c.sent[i], text)
				c.n.Add(1)
			}
		})
	}
	return c
}

// reach waits until so many quarters of the messages are acknowledged.
func (c *crowd) reach(ctx context.Context, quarters int64) {
	for c.n.Load() < int64(len(c.talkers)*c.lines)*quarters/4 && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
}

// check waits until everything is sent, and fails the test unless each page, and a new one of
// the witness, shows each message once and in the same order. others is the number of entries of the log
// that are no messages.
func (c *crowd) check(ctx context.Context, t *testing.T, witness *person, path string, others int) {
	t.Helper()
	c.talking.Wait()
	k, last := witness.talker(ctx, path), int64(len(c.talkers)*c.lines+others)
	if err := k.Reach(ctx, last); err != nil {
		t.Fatal(err)
	}
	log, figures := k.Messages(), livetest.Figures{}
	for i, k := range c.talkers {
		if err := k.Reach(ctx, last); err != nil {
			t.Error(err)
		}
		figures.Add(livetest.Kept(log, c.sent[i]))
		figures.Add(livetest.Compare(log, k.Messages()))
	}
	t.Logf("%d messages on %d pages: %+v", len(log), len(c.talkers), figures)
	if figures != (livetest.Figures{}) {
		t.Errorf("the pages do not show exactly the sent messages: the figures are %+v, want %+v", figures, (livetest.Figures{}))
	}
	if len(log) != len(c.talkers)*c.lines {
		t.Errorf("the pages do not show exactly the sent messages: got %d elements, want %d", len(log), len(c.talkers)*c.lines)
	}
}

func TestNoMessageIsLostIfPgBouncerIsKilledPausedAndReloadedDuringAChat(t *testing.T) {
	t.Parallel()
	p, settings := pooledDesk(t)
	first, second := replica(t, settings), replica(t, settings)
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	ana, priya := newPerson(t, first.url), newPerson(t, second.url)
	ana.register("Ana", "ana@example.org")
	priya.signIn(adminEmail)
	path := ana.ticket("Invoice", "It has our old address.")
	c := chat(ctx, t, []*person{ana, priya, ana, priya}, path, 120)
	c.reach(ctx, 1)
	p.Kill()
	time.Sleep(500 * time.Millisecond) // while the desk cannot reach its database
	p.Start()
	c.reach(ctx, 2)
	p.Console("PAUSE")
	time.Sleep(time.Second) // while statements wait
	p.Console("RESUME")
	c.reach(ctx, 3)
	p.Console("RELOAD")
	p.Console("RECONNECT")
	c.check(ctx, t, ana, path, 2) // the opening, and the assignment to Priya
	for _, r := range []*running{first, second} {
		r.health(t)
		r.end(t, syscall.SIGTERM)
	}
}
