package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"frontdesk/internal/account"
	"frontdesk/internal/demo"
	"frontdesk/internal/postgres"
)

// demoPrefix begins the names of the temporary folders of demos.
const demoPrefix = "frontdesk-demo-"

// removeKilledDemos removes the folders of demos of this user that were killed.
func removeKilledDemos(ctx context.Context, log *slog.Logger) {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), demoPrefix+"*")) // the pattern is valid
	for _, dir := range dirs {
		info, err := os.Lstat(dir)
		if err != nil || !info.IsDir() {
			continue
		}
		if st, ok := info.Sys().(*syscall.Stat_t); !ok || int(st.Uid) != os.Geteuid() {
			continue
		}
		if err := postgres.RemoveAbandoned(ctx, dir); err != nil {
			log.Warn("data of a killed demo not removed", "folder", dir, "error", err)
		}
	}
}

// apart returns the settings of a desk in a folder that shares nothing with the desk of c and sends
// no mail.
func (c Config) apart(dir string) Config {
	c.DataDir, c.UploadDir, c.BlobURL, c.BlobReadURL = dir, "", "", ""
	c.DatabaseURL, c.DatabaseDirectURL, c.DatabaseReplicaURL, c.NATSURL = "", "", "", ""
	c.JWTSecret, c.JWTSecretPrevious, c.SMTPURL, c.MailFrom = "", "", "", ""
	return c
}

// DemoCmd serves a throw-away desk with example data.
type DemoCmd struct{}

// Run makes a desk in a temporary folder, prints a link for an admin, one for an agent and one for a
// customer, serves until SIGINT or SIGTERM, and removes the folder. It uses no
// database, files, secrets, NATS or mail server that the environment names.
func (DemoCmd) Run(ctx context.Context, cfg *Config) (err error) {
	removeKilledDemos(ctx, cfg.logger())
	dir, err := os.MkdirTemp("", demoPrefix)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o755); err != nil { // if root starts it, the database runs as another user
		return err
	}
	own := cfg.apart(dir)
	own.LogLevel = max(own.LogLevel, slog.LevelWarn) // so that the links stay visible
	l, err := listen(ctx, &own)
	if err != nil {
		return err
	}
	defer l.Close()
	fmt.Println("Making a desk with example data; this takes some seconds.")
	a, err := open(ctx, &own, demonstrating)
	if err != nil {
		return err
	}
	defer a.close()
	return a.serveDemo(ctx, l)
}

// serveDemo adds the example data to an empty desk, prints the links, and serves until ctx ends.
func (a *app) serveDemo(ctx context.Context, l net.Listener) error {
	made, err := demo.Seed(ctx, a.pool, a.options)
	if err != nil {
		return err
	}
	staff, agent, customer := rand.Text(), rand.Text(), rand.Text()
	a.demoLinks = map[string]account.SignInInput{
		staff:    {Email: made.Staff, Password: made.Password},
		agent:    {Email: made.Agent, Password: made.Password},
		customer: {Email: made.Customer, Password: made.Password},
	}
	return a.run(ctx, l, func() {
		fmt.Printf(`Frontdesk is ready at http://%[1]s
  staff     http://%[1]s/demo/%[2]s
  agent     http://%[1]s/demo/%[3]s
  customer  http://%[1]s/demo/%[4]s
A browser has one user at a time: open the other links in private windows.
Ctrl-C ends the demo and deletes its data.
`, l.Addr(), staff, agent, customer)
	})
}
