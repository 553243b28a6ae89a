// Package tracing sends traces of requests, their statements and jobs to a collector of
// OpenTelemetry, as the environment variables OTEL_* say. Spans have names of routes and
// queries, ids and numbers, and nothing that users wrote.
package tracing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"frontdesk/db"
	"frontdesk/internal/requestid"
)

// endpoints are the variables with the address of the collector.
var endpoints = []string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"}

// IsWanted reports whether the environment asks for traces: it names a collector or the
// exporter otlp, and does not switch them off (OpenTelemetry, environment variable
// specification).
func IsWanted() bool {
	if strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") {
		return false
	}
	if asked := exporters(); len(asked) > 0 {
		return slices.Contains(asked, "otlp")
	}
	return slices.ContainsFunc(endpoints, func(name string) bool { return os.Getenv(name) != "" })
}

// Unsupported returns the exporters that the environment asks for and Frontdesk does not have. It
// has otlp only.
func Unsupported() []string {
	return slices.DeleteFunc(exporters(), func(name string) bool { return name == "otlp" || name == "none" })
}

// exporters returns the names of OTEL_TRACES_EXPORTER, which are separated by commas.
func exporters() []string {
	names := strings.FieldsFunc(os.Getenv("OTEL_TRACES_EXPORTER"), func(r rune) bool { return r == ',' || r == ' ' })
	for i := range names {
		names[i] = strings.ToLower(names[i])
	}
	return names
}

// Traces makes spans, and sends them in the background. It keeps at most
// OTEL_BSP_MAX_QUEUE_SIZE of them (2,048), and drops others while the collector is away or
// slow. It is safe for concurrent use.
type Traces struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// Start returns traces of a version of the program. It returns an error for variables that
// cannot be used. It does not wait for the collector: failures to reach it are logged. The
// caller must call [Traces.Stop].
func Start(ctx context.Context, version string, log *slog.Logger) (*Traces, error) {
	if err := cmp.Or(checkEndpoints(), checkLimits()); err != nil {
		return nil, err
	}
	if protocol := cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"), os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL"), "http/protobuf"); protocol != "http/protobuf" {
		log.Warn("protocol of traces ignored", "protocol", protocol, "used", "http/protobuf")
	}
	otel.SetErrorHandler(&failures{log: log}) // the SDK has no other way to report failures
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("traces cannot be sent: correct the variables OTEL_EXPORTER_OTLP_*: %w", err)
	}
	about, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "frontdesk"), attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil && !errors.Is(err, resource.ErrPartialResource) {
		return nil, fmt.Errorf("traces cannot be made: correct OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	return &Traces{provider: provider, tracer: provider.Tracer("frontdesk")}, nil
}

// checkEndpoints returns an error for an address that the exporter would ignore.
func checkEndpoints() error {
	for _, name := range endpoints {
		value := os.Getenv(name)
		if u, err := url.Parse(value); value != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			return fmt.Errorf("%s must be an address such as http://127.0.0.1:4318", name)
		}
	}
	return nil
}

// limits are the variables with the limits of the queue of spans, and their maximum: numbers of
// spans, and milliseconds. The SDK panics at some other values.
var limits = map[string]int{
	"OTEL_BSP_MAX_QUEUE_SIZE":        1 << 20,
	"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": 1 << 20,
	"OTEL_BSP_SCHEDULE_DELAY":        24 * 60 * 60 * 1000,
	"OTEL_BSP_EXPORT_TIMEOUT":        24 * 60 * 60 * 1000,
}

// checkLimits returns an error for a limit that cannot be used.
func checkLimits() error {
	for name, highest := range limits {
		value := strings.TrimSpace(os.Getenv(name))
		if n, err := strconv.Atoi(value); value != "" && (err != nil || n < 1 || n > highest) {
			return fmt.Errorf("%s must be a whole number from 1 to %d", name, highest)
		}
	}
	return nil
}

// Stop sends the spans that are left, until ctx ends.
func (t *Traces) Stop(ctx context.Context) error { return t.provider.Shutdown(ctx) }

// methods are the methods of HTTP that spans name. Clients may send any word.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// Request begins the span of a request with the pattern of its route, or "" if there is
// none. It continues the trace of a trusted proxy (W3C Trace Context). end ends the span.
func (t *Traces) Request(ctx context.Context, r *http.Request, route string, fromProxy bool) (traced context.Context, end func(status int)) {
	if fromProxy {
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	}
	method, name := r.Method, r.Method
	if !slices.Contains(methods, method) {
		method, name = "_OTHER", "HTTP"
	}
	attributes := []attribute.KeyValue{attribute.String("http.request.method", method), attribute.String("frontdesk."+requestid.Field, requestid.Of(ctx))}
	if route != "" {
		name += " " + route
		attributes = append(attributes, attribute.String("http.route", route))
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attributes...))
	return ctx, func(status int) {
		span.SetAttributes(attribute.Int("http.response.status_code", status))
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// Statement adds a statement of the database to the span of its request or job. It is an
// [db.Observer].
func (t *Traces) Statement(ctx context.Context, s db.Statement) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return
	}
	_, span := t.tracer.Start(ctx, s.Name, trace.WithTimestamp(s.Begun), trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("db.system.name", "postgresql"), attribute.String("db.query.summary", s.Name), attribute.Int64("db.response.returned_rows", s.Rows)))
	if s.SQLState != "" {
		span.SetAttributes(attribute.String("db.response.status_code", s.SQLState))
	}
	if s.Failed {
		span.SetStatus(codes.Error, "")
	}
	span.End(trace.WithTimestamp(s.Begun.Add(s.Took)))
}

// Job begins the span of work in the background. end ends it, with the tickets that were
// worked on.
func (t *Traces) Job(ctx context.Context, name string) (traced context.Context, end func(tickets []int64, err error)) {
	ctx, span := t.tracer.Start(ctx, name)
	return ctx, func(tickets []int64, err error) {
		span.SetAttributes(attribute.Int64Slice("frontdesk.tickets", tickets))
		if err != nil {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}
