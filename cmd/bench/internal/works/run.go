package works

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"frontdesk/cmd/bench/internal/progress"
	"frontdesk/cmd/bench/internal/report"
	"frontdesk/cmd/bench/internal/testbed"
	"frontdesk/internal/input"
	"frontdesk/internal/process"
)

// bench is one run.
type bench struct {
	Options
	bed      testbed.Bed
	app      *process.Program // the desk that most works load
	grown    []grown          // the desks of the work "growth"
	progress *progress.Bar
	report   report.Report
}

// Run measures the requested works and writes its progress to standard error. If a work fails, the
// report has the results of the others. If a work that others need fails, Run stops.
func Run(ctx context.Context, o Options) (report.Report, error) {
	begun := time.Now()
	b := &bench{Options: o, report: report.Report{MeasuredAt: begun.UTC().Truncate(time.Second), Machine: report.ThisMachine(), Against: o.Against,
		Tickets: o.Tickets, Seconds: o.Seconds, Runs: o.Runs, Connections: o.Conns}}
	err := b.run(ctx)
	b.close()
	b.report.Machine.PostgreSQL = b.bed.Version
	b.report.Took = time.Since(begun).Round(100 * time.Millisecond).Seconds()
	return b.report, err
}

func (b *bench) run(ctx context.Context) error {
	todo := b.todo()
	steps := make([]progress.Step, len(todo))
	for i, w := range todo {
		steps[i] = progress.Step{Name: w.title(), Plan: w.extra + time.Duration(w.turns*float64(b.Runs)*b.Seconds*float64(time.Second))}
	}
	b.progress = progress.New(os.Stderr, steps)
	defer b.progress.End()
	var failed []error
	for _, w := range todo {
		b.progress.Next()
		err := w.measure(b, ctx)
		if err != nil {
			err = fmt.Errorf("%s: %w", w.name, cmp.Or(ctx.Err(), err))
		}
		if err != nil && (w.needed || ctx.Err() != nil) {
			return errors.Join(append(failed, err)...)
		}
		if err != nil { // the other works can still be measured
			failed = append(failed, err)
			b.add(report.Row{Work: w.title()}.Wants("failed: "+err.Error(), false))
		}
	}
	return errors.Join(failed...)
}

// todo returns the requested works in order, each after the works that it needs.
func (b *bench) todo() []work {
	if b.Against != "" {
		return []work{{name: "api", part: "of " + b.Against, turns: 5, measure: (*bench).others}}
	}
	todo := []work{{name: "building", extra: 15 * time.Second, needed: true, measure: func(b *bench, ctx context.Context) error {
		return b.bed.Build(ctx, b.Profile != "")
	}}}
	seeded := false
	for _, w := range works {
		if b.Only != nil && !slices.Contains(b.Only, w.name) || w.name == poolerName && b.Pooler == "" {
			continue
		}
		if w.desk && !seeded {
			seeded = true
			todo = append(todo, work{name: "seeding", part: input.Thousands(b.Tickets) + " tickets", extra: seedTime(b.Tickets), needed: true, measure: (*bench).openDesk})
		}
		if w.name == growthName {
			todo = append(todo, b.growing()...)
			w.extra = b.viewTime()
		}
		todo = append(todo, w)
	}
	return todo
}

// seedTime estimates how long it takes to seed the given number of tickets.
func seedTime(tickets int) time.Duration {
	return 5*time.Second + time.Duration(tickets)*400*time.Microsecond
}

// openDesk seeds the database of most works and starts the desk on it.
func (b *bench) openDesk(ctx context.Context) error {
	if err := b.bed.StartCluster(ctx); err != nil {
		return err
	}
	if err := b.seed(ctx, testbed.Database, b.Tickets); err != nil {
		return err
	}
	var err error
	b.app, err = b.bed.StartDesk(ctx, testbed.Database, "app")
	return err
}

func (b *bench) seed(ctx context.Context, database string, tickets int) error {
	return b.bed.Seed(ctx, database, tickets, func(done int) {
		b.progress.Say(float64(done)/float64(tickets), "seeded %s of %s", input.Thousands(done), input.Thousands(tickets))
	})
}

func (b *bench) close() {
	for _, d := range b.grown {
		d.app.Stop()
	}
	if b.app != nil {
		b.app.Stop()
	}
	b.bed.Close()
}
