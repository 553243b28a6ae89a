package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"testing"

	"frontdesk/db/dbtest"
	"frontdesk/internal/tracing/tracetest"
)

func TestATicketPageIsTracedWithItsRouteAndStatements(t *testing.T) {
	t.Parallel()
	c := tracetest.New(t)
	served := serve(t, "DATA_DIR="+dataDir(t), "DATABASE_URL="+dbtest.NewURL(t), "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_SERVICE_NAME=desk-1", "OTEL_BSP_SCHEDULE_DELAY=100")
	ana := newPerson(t, served.url)
	ana.register("Ana Secretname", "ana@private.example")
	ticket := ana.ticket("Confidential subject", "A confidential description")
	ana.get(ticket + "?note=confidential")
	ana.get("/tickets?q=confidential")
	ana.post(ticket+"/comments", url.Values{"text": {"A confidential comment"}})
	if resp, err := http.Get(served.url + "/invitations/confidential-token"); err == nil {
		resp.Body.Close()
	}
	page := c.Await(t, "GET /tickets/:id")
	for name, want := range map[string]string{"http.route": "/tickets/:id", "http.request.method": "GET"} {
		if got := page.Attributes[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := page.Attributes["frontdesk.request_id"]; len(got) != 16 {
		t.Errorf("the id of the request is %q, want 16 digits", got)
	}
	if got := page.Resource["service.name"]; got != "desk-1" {
		t.Errorf("the name of the service is %q, want desk-1", got)
	}
	c.Await(t, "GET /invitations/:token")
	c.Await(t, "deliver to notifications")
	served.end(t, syscall.SIGTERM) // it sends the rest
	var statements []string
	for _, s := range c.Spans() {
		if s.Parent == page.ID && s.Trace == page.Trace {
			statements = append(statements, s.Name)
		}
	}
	for _, want := range []string{"GetTicket", "TimelineEntries"} {
		if !slices.Contains(statements, want) {
			t.Errorf("the page has the statements %v, want %s", statements, want)
		}
	}
	for _, private := range []string{"onfidential", "private.example", "Secretname", "quiet lamp", ticket} {
		if strings.Contains(c.Raw(), private) {
			t.Errorf("the spans have %q", private)
		}
	}
}
