package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// HealthCmd checks whether the running program on this machine is ready, for health checks
// in containers that have no other program.
type HealthCmd struct{}

// healthTimeout is the time that the answer may take.
const healthTimeout = 5 * time.Second

// Run returns an error unless /ready at PORT answers that the desk is ready.
func (HealthCmd) Run(ctx context.Context, cfg *Config) error {
	ctx, stop := context.WithTimeout(ctx, healthTimeout)
	defer stop()
	host := cfg.Host
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	address := net.JoinHostPort(host, strconv.Itoa(int(cfg.Port)))
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/ready", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("the desk does not answer: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the desk is not ready: it answers %s", answer.Status)
	}
	fmt.Println("The desk is ready.")
	return nil
}
