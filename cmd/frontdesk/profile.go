//go:build profile

package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof" // registers its handlers in http.DefaultServeMux, which has no others
	"os"
	"time"
)

// offerProfiles serves profiles on the Unix socket PROFILE_SOCKET until ctx ends. Anyone
// who may open that file can read them. Only the bench builds the program with the tag
// profile; released programs do not contain this.
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
