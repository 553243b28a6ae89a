package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"frontdesk/db"
	"frontdesk/internal/backup"
	"frontdesk/internal/input"
)

// VerifyCmd checks the desk, or a backup.
type VerifyCmd struct {
	Archive  *string  `arg:"" optional:"" name:"file" help:"A backup to check instead of the desk; - for standard input."`
	Identity []string `placeholder:"FILE" help:"File with the private key of age for an encrypted backup. Repeat it for several." type:"existingfile"`
	JSON     bool     `help:"Print the result as JSON."`
}

// errDiffers is returned if something is not as it was stored. The program then exits with
// the status 2.
var errDiffers = errors.New("the check has found problems")

// Run checks, also beside a running desk. It returns [errDiffers] for problems, and another
// error if it cannot check.
func (c VerifyCmd) Run(ctx context.Context, cfg *Config) error {
	if c.Archive != nil {
		return c.archive(ctx)
	}
	a, err := open(ctx, cfg, reading)
	if err != nil {
		return err
	}
	defer a.close()
	have, want, err := db.SchemaVersions(ctx, a.pool)
	switch {
	case err != nil:
		return err
	case have != want:
		return fmt.Errorf("the schema of the desk is %d, and this program checks schema %d: use the program that serves the desk, or run frontdesk migrate", have, want)
	}
	report, err := backup.Verify(ctx, a.pool, a.files, showBytes("verify"))
	if err != nil {
		return err
	}
	if c.JSON {
		printJSON(os.Stdout, report)
	} else {
		for _, p := range report.Problems {
			fmt.Printf("%s: %s\n", p.Check, p.What)
		}
		fmt.Printf("Checked %d tickets with %d entries, and %d files (%s). Problems: %d\n", report.Tickets, report.Entries, report.Files, input.Bytes(report.FileBytes), len(report.Problems))
	}
	if len(report.Problems) > 0 {
		return errDiffers
	}
	return nil
}

// archive checks a backup.
func (c VerifyCmd) archive(ctx context.Context) error {
	keys, err := identities(c.Identity)
	if err != nil {
		return err
	}
	f, err := openArchive(*c.Archive)
	if err != nil {
		return err
	}
	defer f.Close()
	summary, err := backup.VerifyArchive(ctx, f, keys)
	if errors.Is(err, backup.ErrDamaged) {
		if c.JSON {
			printJSON(os.Stdout, backup.Report{Problems: []backup.Problem{{Check: "archive", What: err.Error()}}})
		}
		return fmt.Errorf("%w: %w", errDiffers, err)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		printJSON(os.Stdout, summary)
		return nil
	}
	fmt.Printf("The backup of %s is complete and unchanged: %s.\n", summary.TakenAt.Format("2006-01-02 15:04:05 UTC"), contents(summary))
	return nil
}
