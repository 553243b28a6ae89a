package tracing_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/db"
	"frontdesk/internal/requestid"
	"frontdesk/internal/tracing"
	"frontdesk/internal/tracing/tracetest"
)

// The tests set environment variables, so they do not run in parallel.

// start starts traces with the log.
func start(t *testing.T, log *slog.Logger) *tracing.Traces {
	t.Helper()
	traces, err := tracing.Start(t.Context(), "v1", log)
	if err != nil {
		t.Fatal(err)
	}
	return traces
}

// request makes the spans of a request with one statement.
func request(traces *tracing.Traces, r *http.Request, fromProxy bool) {
	ctx, end := traces.Request(requestid.With(r.Context(), "0123456789abcdef"), r, "/tickets/:id", fromProxy)
	traces.Statement(ctx, db.Statement{Name: "GetTicket", Begun: time.Now(), Took: time.Millisecond, Rows: 1})
	end(http.StatusOK)
}

// get returns a request from outside.
func get() *http.Request { return httptest.NewRequest(http.MethodGet, "/tickets/7?q=lost", nil) }

// stop stops traces, and fails the test if the last ones cannot be sent.
func stop(t *testing.T, traces *tracing.Traces) {
	t.Helper()
	if err := traces.Stop(t.Context()); err != nil {
		t.Errorf("stop: %v", err)
	}
}

func TestTheEnvironmentDecidesWhetherThereAreTraces(t *testing.T) {
	for _, c := range []struct {
		name string
		env  map[string]string
		want bool
	}{
		{"nothing", nil, false},
		{"a name only", map[string]string{"OTEL_SERVICE_NAME": "desk"}, false},
		{"a collector", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, true},
		{"a collector of traces", map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, true},
		{"the exporter", map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, true},
		{"a collector, disabled", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "True"}, false},
		{"a collector, without traces", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_TRACES_EXPORTER": "none"}, false},
		{"a collector, and another exporter", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_TRACES_EXPORTER": "zipkin"}, false},
		{"two exporters", map[string]string{"OTEL_TRACES_EXPORTER": "console, otlp"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			if got := tracing.IsWanted(); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
}

func TestAnUnusableLimitOfTheQueueIsRefused(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
	for _, name := range []string{"OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT"} {
		for _, value := range []string{"-1", "0", "many", "99999999999999"} {
			t.Run(name+"="+value, func(t *testing.T) {
				t.Setenv(name, value)
				_, err := tracing.Start(t.Context(), "v1", slog.New(slog.DiscardHandler))
				if err == nil {
					t.Fatal("got no error, want one")
				}
				if !strings.Contains(err.Error(), name+" must be") {
					t.Errorf("the error is %q, want it with %q", err.Error(), name+" must be")
				}
			})
		}
	}
}

func TestExportersThatAreNotSupportedAreNamed(t *testing.T) {
	t.Setenv("OTEL_TRACES_EXPORTER", "zipkin,otlp,none")
	if got, want := tracing.Unsupported(), []string{"zipkin"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnUnusableAddressOfTheCollectorIsRefused(t *testing.T) {
	for _, address := range []string{"127.0.0.1:4318", "collector", "ftp://collector", "http://"} {
		t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
		_, err := tracing.Start(t.Context(), "v1", slog.New(slog.DiscardHandler))
		if err == nil {
			t.Fatalf("%s: got no error, want one", address)
		}
		if !strings.Contains(err.Error(), "OTEL_EXPORTER_OTLP_ENDPOINT must be") {
			t.Errorf(`%s: the error is %q, want it with "OTEL_EXPORTER_OTLP_ENDPOINT must be"`, address, err.Error())
		}
	}
}

func TestSpansHaveTheNamesOfTheEnvironment(t *testing.T) {
	c := tracetest.New(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
	t.Setenv("OTEL_SERVICE_NAME", "desk-1")
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
	traces := start(t, slog.New(slog.DiscardHandler))
	request(traces, get(), false)
	stop(t, traces)
	span := c.Await(t, "GET /tickets/:id")
	for name, want := range map[string]string{"service.name": "desk-1", "service.version": "v1", "deployment.environment.name": "test"} {
		if got := span.Resource[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := c.Await(t, "GetTicket").Parent; got != span.ID {
		t.Errorf("the parent of the statement is %q, want the request %q", got, span.ID)
	}
}

func TestTheSamplerOfTheEnvironmentIsUsed(t *testing.T) {
	c := tracetest.New(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
	t.Setenv("OTEL_TRACES_SAMPLER", "always_off")
	traces := start(t, slog.New(slog.DiscardHandler))
	request(traces, get(), false)
	stop(t, traces)
	if got := c.Spans(); len(got) != 0 {
		t.Errorf("got %v, want no spans", got)
	}
}

func TestOnlyATrustedProxyContinuesItsTrace(t *testing.T) {
	c := tracetest.New(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
	traces := start(t, slog.New(slog.DiscardHandler))
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	r := get()
	r.Header.Set("traceparent", "00-"+id+"-00f067aa0ba902b7-01")
	request(traces, r, false)
	request(traces, r, true)
	stop(t, traces)
	var ids []string
	for _, s := range c.Spans() {
		if s.Name == "GET /tickets/:id" {
			ids = append(ids, s.Trace)
		}
	}
	if len(ids) != 2 {
		t.Fatalf("got %d ids, want 2: %q", len(ids), ids)
	}
	if ids[0] == id {
		t.Errorf("ids[0] is %q, want another value", ids[0])
	}
	if ids[1] != id {
		t.Errorf("ids[1] is %q, want %q", ids[1], id)
	}
}

func TestStatementsOutsideOfRequestsAreNotTraced(t *testing.T) {
	c := tracetest.New(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
	traces := start(t, slog.New(slog.DiscardHandler))
	ctx, end := traces.Request(t.Context(), get(), "/tickets/:id/chat", false)
	end(http.StatusSwitchingProtocols)
	for _, outside := range []context.Context{t.Context(), ctx} { // the second one is that of a socket
		traces.Statement(outside, db.Statement{Name: "PendingBackfills", Begun: time.Now(), Took: time.Second})
	}
	stop(t, traces)
	if got := c.Spans(); len(got) != 1 {
		t.Errorf("got %v, want only the request", got)
	}
}

func TestAFailedStatementHasItsCode(t *testing.T) {
	c := tracetest.New(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
	traces := start(t, slog.New(slog.DiscardHandler))
	ctx, end := traces.Job(t.Context(), "sweep")
	traces.Statement(ctx, db.Statement{Name: "SweepTickets", Begun: time.Now(), Failed: true, SQLState: "57014"})
	end([]int64{7}, context.DeadlineExceeded)
	stop(t, traces)
	got := c.Await(t, "SweepTickets")
	if !got.Failed {
		t.Error("failed is false, want true")
	}
	if got.Attributes["db.response.status_code"] != "57014" {
		t.Errorf(`db.response.status_code is %q, want "57014"`, got.Attributes["db.response.status_code"])
	}
	if got := c.Await(t, "sweep"); !got.Failed {
		t.Errorf("got %+v, want a failure", got)
	}
}

func TestACollectorThatDoesNotAnswerNeitherStopsRequestsNorFillsTheMemory(t *testing.T) {
	asked, silent := make(chan struct{}, 100), make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-silent
	}))
	defer srv.Close()
	defer close(silent)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", srv.URL)
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "1")
	traces := start(t, slog.New(slog.DiscardHandler))
	request(traces, get(), false)
	<-asked // from now on, the exporter waits
	before := heap()
	for range 100_000 {
		request(traces, get(), false)
	}
	if grown := heap() - before; grown > 16<<20 {
		t.Errorf("the memory has grown by %d bytes, want at most 16 MiB", grown)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := traces.Stop(ctx); err == nil {
		t.Error("the last traces are sent to a collector that does not answer")
	}
}

// heap returns the bytes of reachable objects.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestACollectorThatIsAwayIsLoggedOnce(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nothing listens there
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+l.Addr().String())
	t.Setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "100")
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "1")
	var out bytes.Buffer
	traces := start(t, slog.New(slog.NewTextHandler(&out, nil)))
	request(traces, get(), false)
	_ = traces.Stop(t.Context()) // the failure is logged
	got := slices.Collect(strings.Lines(out.String()))
	if len(got) != 1 {
		t.Fatalf("got %d elements, want 1: %q", len(got), got)
	}
	if !strings.Contains(got[0], "traces failed") {
		t.Errorf(`got[0] is %q, want it with "traces failed"`, got[0])
	}
}
