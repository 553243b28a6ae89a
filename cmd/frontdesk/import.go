package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"frontdesk/internal/importer"
)

// ImportCmd copies the data of the first system to this desk.
type ImportCmd struct {
	From    string   `required:"" placeholder:"postgres://…" help:"The first system's database: its DATABASE_URL. It is only read."`
	Uploads []string `required:"" placeholder:"DIR" help:"Folder with its uploaded files; repeat the flag for further ones." type:"path" sep:"none"`
	Mapping string   `placeholder:"FILE" help:"JSON file that names tables and columns that are not as in the first system: see docs/moving.md." type:"path"`
	DryRun  bool     `help:"Read and check everything, write only the report."`
	Report  string   `default:"import-report.csv" help:"CSV file: what became of each row." type:"path"`
}

// Run imports, also beside a running desk, and prints a summary. An import that was
// interrupted continues.
func (c ImportCmd) Run(ctx context.Context, cfg *Config) error {
	opts := importer.Options{From: c.From, Uploads: c.Uploads, DryRun: c.DryRun, Report: c.Report, Progress: showProgress()}
	if c.Mapping != "" {
		var err error
		if opts.Mapping, err = importer.ReadMapping(c.Mapping); err != nil {
			return err
		}
	}
	return withApp(ctx, cfg, making, func(a *app) error {
		result, err := importer.Run(ctx, a.pool, a.options.Blobs, opts)
		if err != nil {
			return fmt.Errorf("import: %w", err)
		}
		fmt.Print(c.summary(result))
		return nil
	})
}

// showProgress returns a function that prints progress to standard error: for each kind at the
// beginning and the end, and at most once a second between them.
func showProgress() func(importer.Progress) {
	var begun, printed time.Time
	var first importer.Progress
	return func(p importer.Progress) {
		now := time.Now()
		if p.Kind != first.Kind {
			begun, printed, first = now, time.Time{}, p
		}
		if now.Sub(printed) < time.Second && p.Done < p.Total {
			return
		}
		printed = now
		text := fmt.Sprintf("%ss: %d of %d", p.Kind, p.Done, p.Total)
		if rate := float64(p.Done-first.Done) / now.Sub(begun).Seconds(); p.Done > first.Done {
			text += fmt.Sprintf(", %.0f a second", rate)
			if p.Done < p.Total {
				text += fmt.Sprintf(", %v left", time.Duration(float64(p.Total-p.Done)/rate*float64(time.Second)).Round(time.Second))
			}
		}
		fmt.Fprintln(os.Stderr, text)
	}
}

// summary returns the text that is printed at the end.
func (c ImportCmd) summary(r importer.Result) string {
	var b strings.Builder
	switch took := r.FinishedAt.Sub(r.StartedAt).Round(time.Second); {
	case r.Before:
		fmt.Fprintf(&b, "The import was finished at %s; nothing was changed now.\n", r.FinishedAt.UTC().Format("2006-01-02 15:04:05 UTC"))
	case c.DryRun:
		fmt.Fprintf(&b, "Dry run, in %v: nothing was written but the report. An import would give:\n", took)
	default:
		fmt.Fprintf(&b, "The import is finished, in %v.\n", took)
	}
	for _, s := range r.Summaries {
		fmt.Fprintf(&b, "  %-12s %8d imported, %d of them changed; %d not imported\n", s.Kind, s.Imported, s.Changed, s.Refused)
	}
	if len(r.Notes) > 0 {
		fmt.Fprintf(&b, "The first of %d remarks:\n", r.Noted)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "  %s %s: %s\n", n.Kind, printable(n.OldID), printable(n.Note))
	}
	fmt.Fprintf(&b, "The report is in %s\n", c.Report)
	return b.String()
}
