package main

import (
	"context"
	"net/http"
	"slices"
	"time"

	"frontdesk/internal/outbox"
	"frontdesk/internal/tracing"
)

// lastTraces is how long the program waits for the collector at its end.
const lastTraces = 3 * time.Second

// startTraces starts sending traces if the environment enables them.
func (a *app) startTraces(ctx context.Context) (err error) {
	if names := tracing.Unsupported(); len(names) > 0 {
		a.log.Warn("exporter of traces not supported", "exporters", names, "supported", "otlp")
	}
	if tracing.IsWanted() {
		a.traces, err = tracing.Start(ctx, version(), a.log)
	}
	return err
}

// stopTraces sends the traces that are left.
func (a *app) stopTraces() {
	if a.traces == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastTraces)
	defer cancel()
	if err := a.traces.Stop(ctx); err != nil {
		a.log.Warn("last traces not sent", "error", err)
	}
}

// traceRequest returns the function that traces requests, or nil without traces.
func (a *app) traceRequest() func(context.Context, *http.Request, string, bool) (context.Context, func(int)) {
	if a.traces == nil {
		return nil
	}
	return a.traces.Request
}

// traceJob begins the trace of work in the background.
func (a *app) traceJob(ctx context.Context, name string) (context.Context, func(tickets []int64, err error)) {
	if a.traces == nil {
		return ctx, func([]int64, error) {}
	}
	return a.traces.Job(ctx, name)
}

// traceDelivery begins the trace of a delivery of events.
func (a *app) traceDelivery(ctx context.Context, consumer string) (context.Context, func([]outbox.Event, error)) {
	ctx, end := a.traceJob(ctx, "deliver to "+consumer)
	return ctx, func(events []outbox.Event, err error) {
		var tickets []int64
		for _, e := range events {
			tickets = append(tickets, e.TicketID)
		}
		end(slices.Compact(tickets), err) // events are in order per ticket
	}
}
