package main

import (
	"context"
	"fmt"
	"runtime/debug"

	"frontdesk/internal/desk"
)

// MigrateCmd brings the schema up to date.
type MigrateCmd struct{}

// Run opens the app, which migrates, and ends.
func (MigrateCmd) Run(ctx context.Context, cfg *Config) error {
	a, err := open(ctx, cfg)
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
	a, err := open(ctx, cfg)
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
	password, err := a.desk.SeedDemo(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("The demonstration is ready. Everybody in it signs in with the password %s\n", password)
	return nil
}

// UserCmd manages accounts without a browser: the way back in for an admin who
// has lost the password.
type UserCmd struct {
	Add      UserAddCmd      `cmd:"" help:"Add an account with a password that is printed once."`
	Admin    UserAdminCmd    `cmd:"" help:"Make an account an admin."`
	Password UserPasswordCmd `cmd:"" help:"Give an account a new password, printed once, and end its sessions."`
}

// UserAddCmd adds an account.
type UserAddCmd struct {
	Email string `arg:"" help:"E-mail address."`
	Name  string `help:"Name; unset, the part before the @."`
	Admin bool   `help:"Make it an admin."`
}

// Run adds the account.
func (u UserAddCmd) Run(ctx context.Context, cfg *Config) error {
	role := desk.RoleCustomer
	if u.Admin {
		role = desk.RoleAdmin
	}
	return withDesk(ctx, cfg, func(d *desk.Desk) (string, error) {
		password, err := d.OperatorAddUser(ctx, u.Email, u.Name, role)
		return fmt.Sprintf("%s can sign in with the password %s (printed once)", u.Email, password), err
	})
}

// UserAdminCmd makes an account an admin.
type UserAdminCmd struct {
	Email string `arg:"" help:"E-mail address."`
}

// Run changes the role.
func (u UserAdminCmd) Run(ctx context.Context, cfg *Config) error {
	return withDesk(ctx, cfg, func(d *desk.Desk) (string, error) {
		return u.Email + " is an admin now", d.OperatorMakeAdmin(ctx, u.Email)
	})
}

// UserPasswordCmd gives a new password.
type UserPasswordCmd struct {
	Email string `arg:"" help:"E-mail address."`
}

// Run changes the password.
func (u UserPasswordCmd) Run(ctx context.Context, cfg *Config) error {
	return withDesk(ctx, cfg, func(d *desk.Desk) (string, error) {
		password, err := d.OperatorResetPassword(ctx, u.Email)
		return fmt.Sprintf("%s can sign in with the password %s (printed once)", u.Email, password), err
	})
}

// withDesk does one thing to the desk and prints what came of it.
func withDesk(ctx context.Context, cfg *Config, do func(*desk.Desk) (string, error)) error {
	a, err := open(ctx, cfg)
	if err != nil {
		return err
	}
	defer a.close()
	said, err := do(a.desk)
	if err != nil {
		return err
	}
	fmt.Println(said)
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
