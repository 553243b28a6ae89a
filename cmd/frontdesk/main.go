// Command frontdesk is a help desk in one program: customers raise tickets,
// staff answer them, in any browser, with JavaScript and without.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // TIMEZONE works where the system has no zones

	"github.com/alecthomas/kong"

	"frontdesk/internal/postgres"
)

func main() {
	postgres.RunFetchChild()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	if err := readFileVariables(); err != nil {
		fail(err)
	}
	cleanEnvironment()
	var cli CLI
	parser := kong.Must(&cli, kong.Name("frontdesk"), kong.UsageOnError(),
		kong.Description("A help desk: tickets, files, comments and chat, in any browser."),
		kong.Vars{"version": "frontdesk " + version()}, kong.BindTo(ctx, (*context.Context)(nil)))
	k, err := parser.Parse(os.Args[1:])
	if err != nil {
		fail(err)
	}
	err = k.Run(&cli.Config)
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case err == nil || interrupted && errors.Is(err, context.Canceled) && servesUntilSignal(k.Selected().Name):
	case interrupted:
		fail(errors.Join(errInterrupted, err))
	default:
		fail(err)
	}
}

// servesUntilSignal reports whether a command runs until SIGINT or SIGTERM, which is its usual end.
// A signal interrupts any other command before its work is done.
func servesUntilSignal(command string) bool { return command == "serve" || command == "demo" }

// errInterrupted is returned by a command that a signal has ended before its work was done.
var errInterrupted = errors.New("interrupted")

// statusInterrupted is the exit status of [errInterrupted], as shells report it for SIGINT.
const statusInterrupted = 130

// fail prints err as one line on standard error and exits with status 1, with 2 for
// [errDiffers], or with 130 for [errInterrupted].
func fail(err error) {
	if errors.Is(err, errInterrupted) && errors.Is(err, context.Canceled) {
		err = errInterrupted // the other errors are consequences of the signal
	}
	fmt.Fprintln(os.Stderr, "frontdesk:", strings.ReplaceAll(err.Error(), "\n", " "))
	switch {
	case errors.Is(err, errInterrupted):
		os.Exit(statusInterrupted)
	case errors.Is(err, errDiffers):
		os.Exit(2)
	}
	os.Exit(1)
}

// CLI has the flags and commands of the program.
type CLI struct {
	Config
	ShowVersion kong.VersionFlag `name:"version" help:"Print the version."`

	Serve   ServeCmd   `cmd:"" default:"withargs" help:"Run the server (the default)."`
	Migrate MigrateCmd `cmd:"" help:"Migrate the schema of the database and exit."`
	Seed    SeedCmd    `cmd:"" help:"Create the first admin; with --demo add example data."`
	Demo    DemoCmd    `cmd:"" help:"Serve a throw-away desk with example data, and print links that sign in. It is deleted at the end."`
	User    UserCmd    `cmd:"" help:"Manage accounts from the command line."`
	Import  ImportCmd  `cmd:"" help:"Copy the data of the first system to a desk without tickets."`
	Backup  BackupCmd  `cmd:"" help:"Write the whole desk to one file, also while it serves."`
	Restore RestoreCmd `cmd:"" help:"Fill an empty desk from a backup."`
	Verify  VerifyCmd  `cmd:"" help:"Check every file, log and counter of the desk, or a backup."`
	Blobs   BlobsCmd   `cmd:"" help:"Move attachments between the folder and a bucket of S3."`
	Doctor  DoctorCmd  `cmd:"" help:"Say what is wrong with the desk and its machine, one line each, and what to do."`
	Outbox  OutboxCmd  `cmd:"" help:"Show and repair the delivery of ticket events to their consumers."`
	Health  HealthCmd  `cmd:"" help:"Ask the running program on this machine whether it is ready; exits with 1 if it is not."`
	Version VersionCmd `cmd:"" help:"Print the version."`

	Completion CompletionCmd `cmd:"" help:"Print a script that completes commands and flags in a shell."`
	Man        ManCmd        `cmd:"" help:"Print the manual page; read it with: frontdesk man | man -l -"`
}
