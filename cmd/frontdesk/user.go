package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"unicode"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

// UserCmd manages accounts from the command line, for example for an admin who has forgotten their
// password.
type UserCmd struct {
	List     UserListCmd     `cmd:"" help:"List the accounts: address, name, role."`
	Add      UserAddCmd      `cmd:"" help:"Add an account with a password that is printed once."`
	Agent    UserAgentCmd    `cmd:"" help:"Make an account an agent."`
	Admin    UserAdminCmd    `cmd:"" help:"Make an account an admin."`
	Password UserPasswordCmd `cmd:"" help:"Give an account a new password, printed once, and end its sessions."`
}

// UserListCmd lists the accounts.
type UserListCmd struct{}

// Run prints one account per line, its fields separated by tabs.
func (UserListCmd) Run(ctx context.Context, cfg *Config) error {
	return withDesk(ctx, cfg, changing, func(d *desk.Desk) (string, error) {
		accounts, err := d.Accounts.Operator.Accounts(ctx)
		lines := make([]string, len(accounts))
		for i, a := range accounts {
			lines[i] = fmt.Sprintf("%s\t%s\t%s", printable(a.Email), printable(a.Username), printable(a.RoleName()))
			if a.DisabledAt != nil {
				lines[i] += "\tdisabled"
			}
			if a.EmailTwin {
				lines[i] += "\tanother spelling of an address above or below"
			}
		}
		return strings.Join(lines, "\n"), err
	})
}

// printable returns text with every character that a terminal may interpret, such as a
// control character, replaced by U+FFFD.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != ' ' && !unicode.IsGraphic(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// UserAddCmd adds an account.
type UserAddCmd struct {
	Email string `arg:"" help:"E-mail address."`
	Name  string `help:"Name; unset, the part before the @."`
	Agent bool   `help:"Make it an agent, who works on tickets, except those of private teams of others." xor:"role"`
	Admin bool   `help:"Make it an admin, who manages the desk as well." xor:"role"`
	Role  string `help:"Give it a role that an admin has made on /admin/roles, by its name." xor:"role"`
}

// Run adds the account and prints its password.
func (u UserAddCmd) Run(ctx context.Context, cfg *Config) error {
	role := cmp.Or(u.Role, string(account.RoleCustomer))
	switch {
	case u.Agent:
		role = string(account.RoleAgent)
	case u.Admin:
		role = string(account.RoleAdmin)
	}
	return withDesk(ctx, cfg, making, func(d *desk.Desk) (string, error) {
		password, err := d.Accounts.Operator.AddUser(ctx, u.Email, u.Name, role)
		return fmt.Sprintf("%s can sign in with the password %s (printed once)", u.Email, password), err
	})
}

// UserAgentCmd makes an account an agent.
type UserAgentCmd struct {
	Email string `arg:"" help:"E-mail address."`
}

// Run changes the role of the account to agent.
func (u UserAgentCmd) Run(ctx context.Context, cfg *Config) error {
	return withDesk(ctx, cfg, changing, func(d *desk.Desk) (string, error) {
		return u.Email + " is an agent now", d.OperatorSetRole(ctx, u.Email, string(account.RoleAgent))
	})
}

// UserAdminCmd makes an account an admin.
type UserAdminCmd struct {
	Email string `arg:"" help:"E-mail address."`
}

// Run changes the role of the account to admin.
func (u UserAdminCmd) Run(ctx context.Context, cfg *Config) error {
	return withDesk(ctx, cfg, changing, func(d *desk.Desk) (string, error) {
		return u.Email + " is an admin now", d.OperatorSetRole(ctx, u.Email, string(account.RoleAdmin))
	})
}

// UserPasswordCmd gives an account a new password.
type UserPasswordCmd struct {
	Email string `arg:"" help:"E-mail address."`
}

// Run changes the password, ends the sessions of the account and prints the password.
func (u UserPasswordCmd) Run(ctx context.Context, cfg *Config) error {
	return withDesk(ctx, cfg, changing, func(d *desk.Desk) (string, error) {
		password, err := d.Accounts.Operator.ResetPassword(ctx, u.Email)
		return fmt.Sprintf("%s can sign in with the password %s (printed once)", u.Email, password), err
	})
}

// withDesk runs do on the desk and prints the text that it returns.
func withDesk(ctx context.Context, cfg *Config, m mode, do func(*desk.Desk) (string, error)) error {
	return withApp(ctx, cfg, m, func(a *app) error {
		text, err := do(a.desk)
		if err != nil {
			return err
		}
		fmt.Println(text)
		return nil
	})
}
