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

// MigrateCmd brings the schema up to date.
type MigrateCmd struct {
	Check bool `help:"Only check whether the database is fit for Frontdesk; change nothing. Exits with 1 if it is not."`
}

// Run joins the desk, which migrates, and ends.
func (m MigrateCmd) Run(ctx context.Context, cfg *Config) error {
	if m.Check {
		return checkDatabase(ctx, cfg)
	}
	a, err := join(ctx, cfg)
	if err != nil {
		return err
	}
	defer a.close()
	a.settle(ctx)
	fmt.Println("The database is up to date.")
	return nil
}

// checkDatabase prints every finding about the database, one a line. The error
// says that it is not fit.
func checkDatabase(ctx context.Context, cfg *Config) error {
	a := &app{cfg: cfg, log: cfg.logger(), joins: true}
	defer a.close()
	if err := a.openFolder(); err != nil {
		return err
	}
	url, err := a.databaseURL(ctx)
	if err != nil {
		return err
	}
	found, err := db.Fitness(ctx, url, poolSize)
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

// unfit returns an error with all findings that are more than warnings.
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

// SeedCmd makes the first admin, and a demonstration.
type SeedCmd struct {
	Demo bool `help:"Fill an empty desk with people and tickets that look real."`
}

// Run never overwrites an admin or a desk that is in use.
func (s SeedCmd) Run(ctx context.Context, cfg *Config) error {
	a, err := join(ctx, cfg)
	if err != nil {
		return err
	}
	defer a.close()
	made, err := a.desk.Accounts.SeedAdmin(ctx, cfg.AdminEmail, cfg.AdminPassword)
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

// VersionCmd prints what this program was built from.
type VersionCmd struct{}

// Run prints the module's version, or the commit it was built at.
func (VersionCmd) Run() error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return fmt.Errorf("this program was built without its version")
	}
	version := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			version += " " + s.Value
		}
	}
	fmt.Println("frontdesk", version)
	return nil
}
