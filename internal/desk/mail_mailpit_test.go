package desk_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/mail"
	"frontdesk/internal/mailout"
)

// mailpit is a running Mailpit (https://mailpit.axllent.org), which stores what it gets and
// answers with errors at random on request.
type mailpit struct {
	t      *testing.T
	api    string
	server mail.Server
}

// startMailpit starts Mailpit.
func startMailpit(t *testing.T) mailpit {
	t.Helper()
	program, err := exec.LookPath("mailpit")
	if err != nil {
		t.Skip("needs Mailpit (go install github.com/axllent/mailpit@v1.33.1)")
	}
	smtp, web := freeAddr(t), freeAddr(t)
	cmd := exec.Command(program, "--smtp", smtp.String(), "--listen", web.String(), "--enable-chaos", "--smtp-auth-accept-any",
		"--smtp-auth-allow-insecure", "--smtp-disable-rdns", "--disable-version-check", "--quiet")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	p := mailpit{t, "http://" + web.String() + "/api/v1/", mail.Server{Host: "127.0.0.1", Port: smtp.Port, Security: mail.NoTLS, User: "desk", Password: "a secret"}}
	eventually(t, "Mailpit accepts connections", func() bool {
		for _, addr := range []string{smtp.String(), web.String()} {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				return false
			}
			conn.Close()
		}
		return true
	})
	return p
}

// freeAddr returns an address that nothing listens on.
func freeAddr(t *testing.T) *net.TCPAddr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr)
}

// call sends a request with a JSON body, or without if in is nil, and reads the answer into out.
func (p mailpit) call(method, path string, in, out any) {
	p.t.Helper()
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			p.t.Fatal(err)
		}
	}
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.api+path, &body)
	if err != nil {
		p.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		p.t.Fatalf("%s %s: %s", method, path, res.Status)
	}
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		p.t.Fatal(err)
	}
}

// trigger is an answer to a step with a probability in percent.
type trigger struct{ ErrorCode, Probability int }

// chaos sets the triggers of Mailpit, and removes those that are not given.
func (p mailpit) chaos(sender, recipient, authentication trigger) {
	p.t.Helper()
	p.call(http.MethodPut, "chaos", map[string]trigger{"Sender": sender, "Recipient": recipient, "Authentication": authentication}, &struct{}{})
}

// received is a message that Mailpit has stored.
type received struct {
	ID, MessageID, Subject string
	To                     []struct{ Address string }
}

// messages returns all messages.
func (p mailpit) messages() []received {
	p.t.Helper()
	var all struct{ Messages []received }
	p.call(http.MethodGet, "messages?limit=500", nil, &all)
	return all.Messages
}

// newDeskWithMailpit returns a desk that sends its mail to Mailpit. It makes the test parallel.
func newDeskWithMailpit(t *testing.T) (deskWithMail, mailpit) {
	t.Helper()
	t.Parallel()
	p, c := startMailpit(t), &clock{}
	options := mailOptions(p.server)
	options.Timeouts = mail.DefaultTimeouts
	h := deskWithMail{newDeskWithOptions(t, desk.Options{Now: c.now, Mail: options}), nil, c}
	if err := h.Mail.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h, p
}

func TestEveryMailArrivesOnceAtAServerThatFailsAtRandom(t *testing.T) {
	h, p := newDeskWithMailpit(t)
	priya := h.person("priya", account.RoleAdmin)
	const customers = 20
	for n := range customers {
		h.comments(priya, h.opens(h.person(fmt.Sprintf("customer%d", n), account.RoleCustomer), invoice()).ID)
	}
	p.chaos(trigger{451, 40}, trigger{452, 40}, trigger{})
	h.passes(time.Minute)
	if !strings.Contains(h.states(), "deferred") {
		t.Errorf("the mails are %q after the first try, want some deferred", h.states())
	}
	for range 8 {
		h.passes(time.Hour)
	}
	p.chaos(trigger{}, trigger{}, trigger{})
	h.passes(2 * time.Hour)
	h.wantStates(strings.TrimSpace(strings.Repeat("sent ", customers)))
	got := map[string]int{}
	for _, m := range p.messages() {
		got[m.To[0].Address]++
	}
	for n := range customers {
		if to := fmt.Sprintf("customer%d@example.org", n); got[to] != 1 {
			t.Errorf("%s got %d mails, want 1", to, got[to])
		}
	}
}

func TestAMailboxWhoseServerRefusesItsPasswordSendsAfterItIsResumed(t *testing.T) {
	h, p := newDeskWithMailpit(t)
	priya := h.person("priya", account.RoleAdmin)
	h.comments(priya, h.opens(h.person("ana", account.RoleCustomer), invoice()).ID)
	p.chaos(trigger{}, trigger{}, trigger{535, 100})
	h.passes(time.Minute)
	if got := h.Mail.Stopped(); len(got) != 1 {
		t.Fatalf("the mails are %q and %v are stopped, want one mailbox", h.states(), got)
	}
	p.chaos(trigger{}, trigger{}, trigger{})
	h.passes(time.Hour)
	if got := p.messages(); len(got) != 0 {
		t.Errorf("a stopped mailbox has sent %d mails, want 0", len(got))
	}
	if err := h.Mailboxes.Resume(t.Context(), priya, h.number("select id from mailboxes")); err != nil {
		t.Fatal(err)
	}
	h.passes(time.Hour)
	h.wantStates("sent")
	if got := p.messages(); len(got) != 1 {
		t.Errorf("%d mails arrived, want 1", len(got))
	}
}

func TestAMailThatWasRefusedIsSentWhenStaffRetryIt(t *testing.T) {
	h, p := newDeskWithMailpit(t)
	priya := h.person("priya", account.RoleAdmin)
	h.comments(priya, h.opens(h.person("ana", account.RoleCustomer), invoice()).ID)
	p.chaos(trigger{}, trigger{550, 100}, trigger{})
	h.passes(time.Minute)
	h.wantStates("failed")
	p.chaos(trigger{}, trigger{}, trigger{})
	if err := h.Mail.Decide(t.Context(), priya, h.number("select id from mail_out"), mailout.Retry); err != nil {
		t.Fatal(err)
	}
	h.passes(time.Minute)
	h.wantStates("sent")
	if got := p.messages(); len(got) != 1 {
		t.Errorf("%d mails arrived, want 1", len(got))
	}
}

func TestMailProgramsShowTheWholeMail(t *testing.T) {
	h, p := newDeskWithMailpit(t)
	h.comments(h.person("priya", account.RoleAdmin), h.opens(h.person("ana", account.RoleCustomer), invoice()).ID)
	h.passes(time.Minute)
	got := p.messages()
	if len(got) != 1 {
		t.Fatalf("%d mails arrived, want 1", len(got))
	}
	var m struct{ Text, HTML string }
	p.call(http.MethodGet, "message/"+got[0].ID, nil, &m)
	for part, body := range map[string]string{"text": m.Text, "HTML": m.HTML} {
		if !strings.Contains(body, "A word") {
			t.Errorf("the %s of the mail lacks the answer:\n%s", part, body)
		}
	}
	// Mailpit knows from caniemail.com which elements and properties mail programs support. The
	// mail is readable without the two that are excepted.
	var check struct {
		Warnings []struct {
			Slug  string
			Score struct{ Unsupported float64 } // percent
		}
	}
	p.call(http.MethodGet, "message/"+got[0].ID+"/html-check", nil, &check)
	for _, w := range check.Warnings {
		if w.Score.Unsupported > 25 && w.Slug != "css-overflow-wrap" && w.Slug != "html-body" {
			t.Errorf("%.0f %% of mail programs do not support %s, want at most 25", w.Score.Unsupported, w.Slug)
		}
	}
	if len(check.Warnings) == 0 {
		t.Error("Mailpit has checked nothing")
	}
}
