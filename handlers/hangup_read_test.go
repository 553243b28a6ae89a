package handlers

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"frontdesk/handlers/web"
)

// leaver is a client that has gone once the answer is written.
type leaver struct {
	*httptest.ResponseRecorder
	leave context.CancelFunc
}

// Write implements [http.ResponseWriter].
func (l leaver) Write(p []byte) (int, error) {
	defer l.leave()
	return l.ResponseRecorder.Write(p)
}

// curl and lynx close the connection as soon as they have the whole answer, which ends the context of the request.
func TestATicketIsMarkedAsReadIfTheClientLeavesAfterItsPage(t *testing.T) {
	app := newApp(t)
	ana := app.customer("Ana")
	ticket := app.opensTicket(ana, "A lamp")
	ana.get(web.TicketURL(ticket)).wants(t, http.StatusOK)
	app.exec("update ticket_reads set seq = 0, unread = 1 where ticket_id = $1", ticket)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, web.TicketURL(ticket), nil)
	r.Header.Set("Cookie", ana.cookie())
	w := leaver{httptest.NewRecorder(), cancel}
	app.srv.Config.Handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("got status %d, want 200", w.Code)
	}
	if n := app.count("select count(*) from ticket_reads where ticket_id = $1 and seq > 0 and unread = 0", ticket); n != 1 {
		t.Error("the ticket is not marked as read")
	}
}
