//go:build profile

package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof" // it hangs itself into http.DefaultServeMux, which serves nothing else
	"os"
	"time"
)

// offerProfiles serves profiles on the Unix socket PROFILE_SOCKET until ctx
// ends, to whoever may open that file. No program that is released holds it:
// the bench builds one with the tag profile.
func offerProfiles(ctx context.Context) error {
	path := os.Getenv("PROFILE_SOCKET")
	if path == "" {
		return nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return fmt.Errorf("PROFILE_SOCKET: %w", err)
	}
	srv := &http.Server{Handler: http.DefaultServeMux, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { srv.Close() })
	go func() { _ = srv.Serve(l) }() // it ends with ctx
	return nil
}
