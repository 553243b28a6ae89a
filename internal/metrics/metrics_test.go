package metrics_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/metrics"
)

// fixed is a reader of one state.
type fixed struct {
	state metrics.State
	err   error
}

// State returns the fixed state.
func (f fixed) State(context.Context) (metrics.State, error) { return f.state, f.err }

// scrape returns what Prometheus reads.
func scrape(m *metrics.Metrics) string {
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

// has fails the test if the text does not have one of the lines.
func has(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("there is no line %q", line)
		}
	}
}

func TestRequestsAreCountedByRoute(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1", fixed{})
	m.Observe("GET", "/tickets/:id", 200, 3*time.Millisecond)
	m.Observe("GET", "/tickets/:id", 404, 30*time.Millisecond)
	m.Observe("GET", "", 404, time.Millisecond)
	m.Observe("GET", "/tickets/:id/chat", 101, time.Hour)
	m.Observe("GUESS", "", 405, time.Millisecond)
	text := scrape(m)
	has(t, text, `frontdesk_requests_total{method="GET",route="/tickets/:id",status="2xx"} 1`, `frontdesk_requests_total{method="GET",route="/tickets/:id",status="4xx"} 1`,
		`frontdesk_requests_total{method="GET",route="none",status="4xx"} 1`, `frontdesk_requests_total{method="other",route="none",status="4xx"} 1`, `frontdesk_requests_total{method="GET",route="/tickets/:id/chat",status="1xx"} 1`,
		`frontdesk_request_seconds_bucket{method="GET",route="/tickets/:id",le="0.005"} 1`, `frontdesk_request_seconds_count{method="GET",route="/tickets/:id"} 2`,
		`frontdesk_build_info{version="v1"} 1`)
	if strings.Contains(text, `frontdesk_request_seconds_count{method="GET",route="/tickets/:id/chat"}`) {
		t.Error("the time of a websocket is counted as a latency")
	}
}

func TestSlowQueriesAreCountedByName(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1", fixed{})
	m.SlowQuery("CountTickets")
	m.SlowQuery("CountTickets")
	has(t, scrape(m), `frontdesk_slow_queries_total{query="CountTickets"} 2`)
}

func TestTheStateIsReadForEachScrape(t *testing.T) {
	t.Parallel()
	state := metrics.State{Connections: 5, IdleConnections: 3, MaxConnections: 10, Acquires: 100, Waits: 7, WaitTime: 1500 * time.Millisecond, Subscriptions: 42, Jobs: 1,
		Mail:      metrics.Mail{Queued: 8, Deferred: 3, Failed: 6, Oldest: 20 * time.Minute, Paused: 1},
		Consumers: []metrics.Consumer{{Name: "notifications", Queued: 4, Dead: 2, Oldest: 90 * time.Second}}, Disks: []metrics.Disk{{Folder: "/data", Used: 3000, Free: 1000}}}
	has(t, scrape(metrics.New("v1", fixed{state: state})), "frontdesk_state_read 1", `frontdesk_pool_connections{state="used"} 2`, `frontdesk_pool_connections{state="idle"} 3`,
		"frontdesk_pool_connections_max 10", "frontdesk_pool_acquires_total 100", "frontdesk_pool_waits_total 7", "frontdesk_pool_wait_seconds_total 1.5",
		"frontdesk_subscriptions 42", `frontdesk_outbox_queued{consumer="notifications"} 4`, `frontdesk_outbox_dead{consumer="notifications"} 2`,
		`frontdesk_outbox_oldest_seconds{consumer="notifications"} 90`, "frontdesk_jobs_unfinished 1", `frontdesk_mail_waiting{state="queued"} 8`, `frontdesk_mail_waiting{state="deferred"} 3`, "frontdesk_mail_failed_last_day 6", "frontdesk_mail_oldest_seconds 1200", "frontdesk_mailboxes_paused 1", `frontdesk_disk_used_bytes{folder="/data"} 3000`, `frontdesk_disk_free_bytes{folder="/data"} 1000`)
}

func TestADeskWithoutADatabaseIsStillMeasured(t *testing.T) {
	t.Parallel()
	text := scrape(metrics.New("v1", fixed{metrics.State{Subscriptions: 42}, errors.New("no database")}))
	has(t, text, "frontdesk_state_read 0", "frontdesk_subscriptions 42")
	if strings.Contains(text, "frontdesk_jobs_unfinished") {
		t.Error("there is a number that could not be read")
	}
}

func TestMessagesByNATSAreCounted(t *testing.T) {
	t.Parallel()
	text := scrape(metrics.New("v1", fixed{state: metrics.State{NATS: &metrics.NATS{Connected: true, ByNATS: 3, ByNotify: 2, Received: 4, Losses: 1, Rereads: 5}}}))
	has(t, text, "frontdesk_nats_connected 1", `frontdesk_replica_messages_sent_total{by="nats"} 3`, `frontdesk_replica_messages_sent_total{by="notify"} 2`,
		"frontdesk_nats_messages_received_total 4", "frontdesk_nats_connections_lost_total 1", "frontdesk_replica_rereads_total 5")
	if strings.Contains(scrape(metrics.New("v1", fixed{})), "nats") {
		t.Error("a desk without NATS has numbers of NATS")
	}
}
