package main

import (
	"context"
	"fmt"
	"net"
	"runtime/debug"
	"strconv"
)

// MigrateCmd brings the schema up to date.
type MigrateCmd struct{}

// Run joins the desk, which migrates, and ends.
func (MigrateCmd) Run(ctx context.Context, cfg *Config) error {
	a, err := join(ctx, cfg)
	if err != nil {
		return err
	}
	defer a.close()
	fmt.Println("The database is up to date.")
	return nil
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
	made, err := a.desk.SeedAdmin(ctx, cfg.AdminEmail, cfg.AdminPassword)
	if err != nil {
		return err
	}
	if made.Password != "" {
		fmt.Printf("The first admin is %s with the password %s (printed once)\n", made.Email, made.Password)
	}
	if !s.Demo {
		return nil
	}
	demo, err := a.desk.SeedDemo(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("The demo is ready. Start frontdesk, open http://%s and sign in:\n  staff     %s\n  customer  %s\n  password  %s (the same for everyone in the demo, printed once)\n",
		net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port))), demo.Staff, demo.Customer, demo.Password)
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
