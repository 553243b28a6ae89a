package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"

	"frontdesk/db"
	"frontdesk/handlers"
	"frontdesk/internal/doctor"
	"frontdesk/internal/outbox"
)

// ServeCmd serves the desk until SIGINT or SIGTERM.
type ServeCmd struct{}

// drain is the time that open requests have to finish after SIGINT or SIGTERM.
const drain = 15 * time.Second

// Run serves the desk. It listens first, so that a port in use is reported before the
// database is started.
func (ServeCmd) Run(ctx context.Context, cfg *Config) error {
	go tuneMemory(ctx)
	if err := offerProfiles(ctx); err != nil {
		return err
	}
	l, err := listen(ctx, cfg)
	if err != nil {
		return err
	}
	defer l.Close()
	a, err := open(ctx, cfg, serving)
	if err != nil {
		return err
	}
	defer a.close()
	made, err := a.desk.Accounts.Operator.SeedAdmin(ctx, cfg.AdminEmail, cfg.AdminPassword)
	if err != nil {
		return err
	}
	return a.run(ctx, l, func() {
		fmt.Printf("Frontdesk is ready at http://%s\n", l.Addr())
		if made.Password != "" {
			fmt.Printf("The first admin is %s with the password %s (printed once; you will choose your own)\n", made.Email, made.Password)
		}
	})
}

// run serves an open desk and runs its jobs until ctx ends. It calls ready before it
// accepts requests.
func (a *app) run(ctx context.Context, l net.Listener, ready func()) error {
	keys, err := a.cfg.tokenKeys(a.dataDir)
	if err != nil {
		return err
	}
	if err := a.startTraces(ctx); err != nil {
		return err
	}
	defer a.stopTraces()
	box, err := a.newOutbox(ctx)
	if err != nil {
		return err
	}
	handler, err := a.handler(ctx, keys, box.Wake)
	if err != nil {
		return err
	}
	if err := a.offerMetrics(ctx, handler); err != nil {
		return err
	}
	if err := a.desk.Mail.Begin(ctx); err != nil {
		return err
	}
	go a.clock.Watch(ctx, db.New(a.pool))
	a.normaliseAtStart(ctx)
	go a.sweep(ctx)
	go a.desk.Settings.Run(ctx)
	go a.desk.Automatic.Run(ctx)
	go a.desk.Mail.Run(ctx)
	go a.desk.Accounts.Passwords.Run(ctx, func(err error) { a.log.Warn("requests for passwords not handled", "error", err) })
	go db.RunBackfills(ctx, a.direct, a.log, db.Backfills)
	ready()
	return a.serve(ctx, l, handler, box)
}

// listen opens the socket of HOST and PORT. Its errors say what to do.
func listen(ctx context.Context, cfg *Config) (net.Listener, error) {
	addr := net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port)))
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port %d is in use: stop the other program, or set PORT to another", cfg.Port)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("port %d needs more rights: set PORT to 1024 or higher", cfg.Port)
	case err != nil:
		return nil, fmt.Errorf("cannot listen on %s: set HOST and PORT to an address of this machine", addr)
	}
	return l, nil
}

// handler returns the HTTP handler of the pages and the API. hint is called when events
// may be new.
func (a *app) handler(ctx context.Context, tokenKeys [][]byte, hint func()) (*handlers.Server, error) {
	instance, err := a.desk.Instance(ctx)
	if err != nil {
		return nil, err
	}
	loc, err := a.cfg.location()
	if err != nil {
		return nil, err
	}
	proxies, err := a.cfg.proxies()
	if err != nil {
		return nil, err
	}
	return handlers.New(handlers.Config{
		Desk: a.desk, Log: a.log, PublicURL: a.cfg.PublicURL, TrustedProxies: proxies,
		DeskName: a.cfg.DeskName, HelpURL: a.cfg.HelpURL, Location: loc,
		Ready: a.pool.Ping, Bus: hintingBus{a.newBus(instance), hint}, BusLoses: a.sendsMessages(),
		TokenKeys: tokenKeys, Instance: instance, CORSOrigins: a.cfg.CORSOrigin, DemoLinks: a.demoLinks, Observe: a.observe, Trace: a.traceRequest(), Checks: doctor.NewRecent(a.examineOpen, time.Now),
	})
}

// serve serves requests until ctx ends, and then waits up to drain for open ones.
func (a *app) serve(ctx context.Context, l net.Listener, handler *handlers.Server, box *outbox.Outbox) error {
	live, quit := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { handler.Run(live) })
	running.Go(func() { box.Run(live) })
	running.Go(func() { a.workMail(live) })
	defer running.Wait()
	defer quit()
	srv := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}
	srv.RegisterOnShutdown(handler.CloseSockets)
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(handler.Listener(l)) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	a.log.Info("stopping")
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := srv.Shutdown(late); err != nil {
		a.log.Warn("requests cancelled at shutdown", "error", err)
		return srv.Close()
	}
	return nil
}

// sweep removes expired data at once and then every ten minutes, until ctx ends.
func (a *app) sweep(ctx context.Context) {
	tick := time.NewTicker(10 * time.Minute)
	defer tick.Stop()
	for {
		a.normalise(ctx)
		job, end := a.traceJob(ctx, "sweep")
		err := a.desk.Upkeep.Sweep(job)
		end(nil, err)
		if err != nil && ctx.Err() == nil {
			a.log.Error("sweep failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
