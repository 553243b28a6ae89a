package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// serveSPA serves the front end of testdata/spa, with socket.io-client, and returns its origin.
// It has another site than the desk: localhost, and not 127.0.0.1.
func serveSPA(t *testing.T) string {
	t.Helper()
	library := filepath.Join(socketIOClient(t), "socket.io-client/dist/socket.io.esm.min.js")
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir("testdata/spa")))
	mux.HandleFunc("/socket.io.esm.min.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, library) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
}

// chats sends a chat message in the front end.
func (b *tab) chats(message string) {
	b.t.Helper()
	b.fill("#message", message)
	b.press("Send")
}

// hasChat waits for exactly these messages in the chat of the front end.
func (b *tab) hasChat(messages ...string) {
	b.t.Helper()
	b.until(fmt.Sprintf("[...document.querySelectorAll('#chat li')].map(m => m.textContent).join('|') === %q", strings.Join(messages, "|")), "the chat")
}

// signsInToSPA signs in with the tests' password.
func (b *tab) signsInToSPA(email string) {
	b.t.Helper()
	b.press("Sign in")
	b.fill("#email", email)
	b.fill("#password", password)
	b.click("form button")
	b.see("#tickets")
}

// opensATicketInTheSPA registers, opens a ticket with a file, changes it and comments. It
// returns the ticket's path, which is the same at the desk and, after "#", in the front end.
func opensATicketInTheSPA(t *testing.T, ana *tab) (path string) {
	t.Helper()
	ana.press("Register")
	ana.fill("#username", "Ana")
	ana.fill("#email", "ana@example.org")
	ana.fill("#password", "short")
	ana.click("form button")
	ana.read("12 characters") // the message of the failure
	ana.fill("#password", password)
	ana.click("form button")
	ana.see("#tickets")

	file := filepath.Join(t.TempDir(), "invoice.txt")
	if err := os.WriteFile(file, []byte("the invoice"), 0o600); err != nil {
		t.Fatal(err)
	}
	ana.press("New ticket")
	ana.fill("#subject", "Invoice 2207")
	ana.fill("#description", "It has our old address.")
	ana.choose("#category", "Billing")
	ana.attach("#attachment", file)
	ana.press("Create")
	ana.see("#file a")
	path = strings.TrimPrefix(ana.eval("location.hash"), "#")
	if got := ana.eval("import('./api.js').then(a => fetch(document.querySelector('#file a').href, { headers: { Authorization: 'Bearer ' + a.getToken() } })).then(r => r.text())"); got != "the invoice" {
		t.Errorf("the attachment is %q", got)
	}

	ana.press("Edit")
	ana.fill("#subject", "Invoice 2208")
	ana.choose("#priority", "Urgent")
	ana.click("#removeAttachment")
	ana.press("Save")
	ana.until("document.querySelector('#file')?.textContent === 'No file'", "the ticket without its file")
	ana.press("Tickets")
	ana.until("[...document.querySelectorAll('#tickets li')].map(t => t.textContent.replace(/^#\\d+ /, '')).join('|') === 'Invoice 2208 OPEN Urgent'", "the list")
	ana.click("#tickets a")
	ana.fill("#comment", "Order 17 has the same fault.")
	ana.press("Add comment")
	ana.until("[...document.querySelectorAll('#comments li')].map(c => c.textContent).join('|') === 'Order 17 has the same fault.'", "the comment")
	return path
}

func TestAFrontEndOfTheFirstSystemWorksWithTheDeskAndChatsWithItsPages(t *testing.T) {
	t.Parallel()
	origin := serveSPA(t)
	settings := unlimited("DATA_DIR="+migratedDir(t), "CORS_ORIGIN="+origin)
	r := serve(t, settings...)
	w := newWire(t, r.url)
	ana, priya := newTab(t, origin), newTab(t, w.base)
	for _, b := range []*tab{ana, priya} {
		for _, text := range []string{"status of 400", "WebSocket connection to", "Failed to load resource: net::ERR"} {
			b.allow(text)
		}
	}
	ana.must(ana.page.open(origin + "/?api=" + w.base + "#/login"))
	path := opensATicketInTheSPA(t, ana)
	priya.signIn(adminEmail)
	priya.open(path)
	priya.until(inTimeline("Order 17 has the same fault."), "the comment")

	ana.chats("Hello there")
	priya.until(chatted("Hello there"), "Ana's message")
	priya.sendsChat("Good morning")
	ana.hasChat("You: Hello there", "priya: Good morning")

	r.end(t, syscall.SIGTERM)
	ana.see("#chat-problem:not(:empty)")
	ana.chats("While it is away")
	r = serve(t, settings...)
	w.leadTo(r.url)
	priya.until(chatted("Hello there", "Good morning", "While it is away"), "the message of the restart")
	priya.sendsChat("It is back")
	ana.hasChat("You: Hello there", "priya: Good morning", "You: While it is away", "priya: It is back")
	ana.reload()
	ana.hasChat("You: Hello there", "priya: Good morning", "You: While it is away", "priya: It is back")

	ana.press("Sign out")
	ana.signsInToSPA(adminEmail)
	ana.press("Admin")
	ana.choose("#tickets select", "RESOLVED")
	ana.until("/ is RESOLVED$/.test(document.querySelector('#saved').textContent)", "the new status")
	priya.until("document.querySelector('.ticket-head .badge').dataset.status === 'resolved'", "the ticket resolved")
	refusesAnotherOrigin(t, r.url)
	r.end(t, syscall.SIGTERM)
}

// refusesAnotherOrigin opens the front end at an origin that CORS_ORIGIN does not name.
func refusesAnotherOrigin(t *testing.T, desk string) {
	t.Helper()
	origin := serveSPA(t)
	b := newTab(t, origin)
	for _, text := range []string{"blocked by CORS policy", "net::ERR_FAILED", "WebSocket connection to"} {
		b.allow(text)
	}
	b.must(b.page.open(origin + "/?api=" + desk + "#/login"))
	b.fill("#email", adminEmail)
	b.fill("#password", password)
	b.click("form button")
	b.read("Failed to fetch")
	for _, transport := range []string{"polling", "websocket"} {
		got := b.eval(fmt.Sprintf(`import('socket.io-client').then(({ io }) => new Promise(done => {
			const socket = io(%q, { transports: [%q], withCredentials: true });
			socket.on('connect_error', e => { done(e.message); socket.disconnect(); });
			socket.on('connect', () => done('connected'));
		}))`, desk, transport))
		if want := map[string]string{"polling": "xhr poll error", "websocket": "websocket error"}[transport]; got != want {
			t.Errorf("%s is answered %q, want %q", transport, got, want)
		}
	}
}
