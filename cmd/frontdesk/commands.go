package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"strconv"
	"strings"

	"frontdesk/db"
	"frontdesk/internal/demo"
)

// MigrateCmd migrates the database, or checks whether it is fit for Frontdesk.
type MigrateCmd struct {
	Check bool `help:"Only check whether the database is suitable, and change nothing. Exits with 1 if it is not."`
}

// Run migrates the database, also beside a running desk.
func (m MigrateCmd) Run(ctx context.Context, cfg *Config) error {
	if m.Check {
		return checkDatabase(ctx, cfg)
	}
	a, err := open(ctx, cfg, migrating)
	if err != nil {
		return err
	}
	defer a.close()
	a.normalise(ctx)
	fmt.Println("The database is up to date.")
	return nil
}

// checkDatabase prints the findings about the database, one per line. It returns an
// error if the database is not fit.
func checkDatabase(ctx context.Context, cfg *Config) error {
	a := newApp(cfg, making)
	defer a.close()
	if err := a.openFolder(); err != nil {
		return err
	}
	url, err := a.databaseURL(ctx)
	if err != nil {
		return err
	}
	found, err := a.fitness(ctx, url, true)
	if err != nil {
		return err
	}
	for _, f := range found {
		fmt.Println(f)
	}
	if unfit(found) != nil {
		return errors.New("the database is not fit for Frontdesk")
	}
	fmt.Println("The database is fit.")
	return nil
}

// unfit returns an error with all findings that are not warnings, or nil if there are none.
func unfit(found []db.Finding) error {
	var sentences []string
	for _, f := range found {
		if !f.Warning {
			sentences = append(sentences, f.Sentence)
		}
	}
	if len(sentences) == 0 {
		return nil
	}
	return errors.New("the database is not fit: " + strings.Join(sentences, "; "))
}

// SeedCmd makes the first admin, and with Demo a demonstration desk.
type SeedCmd struct {
	Demo bool `help:"Fill an empty desk with example users and tickets."`
}

// Run makes the accounts and prints their passwords. It changes no existing admin, and
// returns an error for Demo if the desk is in use.
func (s SeedCmd) Run(ctx context.Context, cfg *Config) error {
	a, err := open(ctx, cfg, making)
	if err != nil {
		return err
	}
	defer a.close()
	made, err := a.desk.Accounts.Operator.SeedAdmin(ctx, cfg.AdminEmail, cfg.AdminPassword)
	if err != nil {
		return err
	}
	if made.Password != "" {
		fmt.Printf("The first admin is %s with the password %s (printed once)\n", made.Email, made.Password)
	}
	if !s.Demo {
		return nil
	}
	signIn, err := demo.Seed(ctx, a.pool, a.options)
	if err != nil {
		return err
	}
	fmt.Printf("The demo is ready. Start frontdesk, open http://%s and sign in:\n  staff     %s\n  customer  %s\n  password  %s (the same for everyone in the demo, printed once)\n",
		net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port))), signIn.Staff, signIn.Customer, signIn.Password)
	return nil
}

// VersionCmd prints the version of the program.
type VersionCmd struct{}

// Run prints the version of the module and, if known, the commit.
func (VersionCmd) Run() error {
	fmt.Println("frontdesk", version())
	return nil
}

// version returns the version of the module and, if known, the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			version += " " + s.Value
		}
	}
	return version
}
