package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"frontdesk/db"
	"frontdesk/handlers"
	"frontdesk/internal/blob"
	"frontdesk/internal/metrics"
)

// observe measures a request.
func (a *app) observe(method, route string, status int, took time.Duration) {
	if a.metrics != nil {
		a.metrics.Observe(method, route, status, took)
	}
}

// observeStatement adds a statement to its trace, and logs and counts it if it is slow.
func (a *app) observeStatement(ctx context.Context, s db.Statement) {
	if a.traces != nil {
		a.traces.Statement(ctx, s)
	}
	if a.slow != nil && a.slow.Observe(ctx, s) && a.metrics != nil {
		a.metrics.SlowQuery(s.Name)
	}
}

// offerMetrics serves /metrics at METRICS_ADDR until ctx ends. It does nothing if METRICS_ADDR
// is not set.
func (a *app) offerMetrics(ctx context.Context, server *handlers.Server) error {
	if a.cfg.MetricsAddr == "" {
		return nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", a.cfg.MetricsAddr)
	if err != nil {
		return fmt.Errorf("cannot listen on METRICS_ADDR %s: set it to a free address of this machine, such as 127.0.0.1:9464: %w", a.cfg.MetricsAddr, err)
	}
	a.metrics = metrics.New(version(), &state{a, server})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", a.metrics.Handler())
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 8 << 10}
	context.AfterFunc(ctx, func() { srv.Close() })
	go func() { _ = srv.Serve(l) }() // it ends with ctx
	a.log.Info("metrics offered", "address", l.Addr().String())
	return nil
}

// state reads the state of a running desk.
type state struct {
	app    *app
	server *handlers.Server
}

// State implements [metrics.StateReader].
func (s *state) State(ctx context.Context) (metrics.State, error) {
	pool := s.app.pool.Stat()
	now := metrics.State{
		Connections: int(pool.TotalConns()), IdleConnections: int(pool.IdleConns()), MaxConnections: int(pool.MaxConns()),
		Acquires: pool.AcquireCount(), Waits: pool.EmptyAcquireCount(), WaitTime: pool.EmptyAcquireWaitTime(),
		Subscriptions: s.server.Subscriptions(),
	}
	dirs := []string{s.app.dataDir}
	if s.app.bucket() == nil {
		dirs = append(dirs, s.app.uploads())
	}
	for _, dir := range dirs {
		if used, free, err := blob.Space(dir); err == nil && used > 0 {
			now.Disks = append(now.Disks, metrics.Disk{Folder: dir, Used: used, Free: free})
		}
	}
	if b := s.app.nats.Load(); b != nil {
		n := b.State()
		now.NATS = &metrics.NATS{Connected: n.Connected, ByNATS: n.ByNATS, ByNotify: n.ByNotify, Received: n.Received, Losses: n.Losses, Rereads: n.Rereads}
	}
	q := db.New(s.app.pool)
	consumers, err := q.DoctorOutbox(ctx)
	if err != nil {
		return now, err
	}
	for _, c := range consumers {
		now.Consumers = append(now.Consumers, metrics.Consumer{Name: c.Name, Queued: c.Queued, Dead: c.Dead, Oldest: time.Duration(c.Seconds * float64(time.Second))})
	}
	if now.Mail, err = mailState(ctx, q); err != nil {
		return now, err
	}
	jobs, err := q.PendingBackfills(ctx)
	now.Jobs = len(jobs)
	return now, err
}

// mailState returns the numbers of outgoing mail.
func mailState(ctx context.Context, q *db.Queries) (metrics.Mail, error) {
	m, err := q.DoctorMail(ctx, time.Now().Add(-24*time.Hour))
	return metrics.Mail{Queued: m.Queued, Deferred: m.Deferred, Failed: m.Failed, Oldest: time.Duration(m.Seconds * float64(time.Second)), Paused: m.Paused}, err
}
