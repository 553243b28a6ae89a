package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"frontdesk/cmd/faults/internal/comparison"
	"frontdesk/cmd/faults/internal/trials"
)

// errAbove is returned if a figure is above its limit.
var errAbove = errors.New("figures are above their limits")

// run runs the trials and prints the table.
func run(ctx context.Context, o options) error {
	start := time.Now()
	stage, err := trials.NewStage(ctx, o.seed, o.short)
	if err != nil {
		return err
	}
	defer stage.Close()
	var table comparison.Table
	if o.soak > 0 {
		table = soak(ctx, stage, o)
	} else {
		table = each(ctx, stage, o)
	}
	if err := table.Write(os.Stdout); err != nil {
		return err
	}
	if o.into != "" {
		if err := insert(o.into, table); err != nil {
			return err
		}
	}
	fmt.Printf("\nIt took %s.\n", time.Since(start).Round(time.Second))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if len(table.Problems()) > 0 {
		return errAbove
	}
	return nil
}

// chosen returns the trials of a run.
func chosen(o options) []trials.Trial {
	if o.only != nil {
		return o.only
	}
	return slices.DeleteFunc(trials.All(), func(t trials.Trial) bool { return o.short && t.Long })
}

// each runs each trial once.
func each(ctx context.Context, stage *trials.Stage, o options) (table comparison.Table) {
	for _, t := range chosen(o) {
		if ctx.Err() != nil {
			break
		}
		row := try(ctx, stage, t, o.slack)
		table = append(table, row)
	}
	return table
}

// try runs a trial with extended limits, and prints its result.
func try(ctx context.Context, stage *trials.Stage, t trials.Trial, slack float64) comparison.Row {
	row := stage.Try(ctx, t)
	row.Limits = row.Limits.Times(slack)
	report(row)
	return row
}

// report prints the result of a trial to standard error.
func report(row comparison.Row) {
	result := "passed"
	if problems := row.Problems(); len(problems) > 0 {
		result = fmt.Sprint("FAILED: ", problems)
	} else if row.Skipped != "" {
		result = "skipped: " + row.Skipped
	}
	fmt.Fprintf(os.Stderr, "%s %-25s %5.1f s  %s\n", time.Now().Format("15:04:05"), row.Fault, row.Took.Seconds(), result)
}

// soak runs random trials until the time is over. It adds the figures of all runs of a trial to one
// row.
func soak(ctx context.Context, stage *trials.Stage, o options) (table comparison.Table) {
	fmt.Printf("Random faults for %s; repeat them with -soak %s -seed %d\n", o.soak, o.soak, o.seed)
	all := slices.DeleteFunc(chosen(o), func(t trials.Trial) bool { return !t.Soak })
	for end := time.Now().Add(o.soak); time.Now().Before(end) && ctx.Err() == nil; {
		row := try(ctx, stage, all[stage.Random.IntN(len(all))], o.slack)
		table = add(table, row)
	}
	return table
}

// add adds a row to the row of the same fault.
func add(table comparison.Table, row comparison.Row) comparison.Table {
	i := slices.IndexFunc(table, func(r comparison.Row) bool { return r.Fault == row.Fault })
	if i < 0 {
		return append(table, row)
	}
	table[i].Figures.Add(row.Figures)
	if row.Failed != "" {
		table[i].Failed = row.Failed
	}
	return table
}
