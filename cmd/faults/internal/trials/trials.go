// Package trials has the faults and bad inputs that a desk must survive.
package trials

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"frontdesk/cmd/faults/internal/comparison"
	"frontdesk/cmd/faults/internal/testbed"
)

// Trial is one fault, or one kind of bad input.
type Trial struct {
	Name string
	Note string // description, for readers of the table
	Run  func(context.Context, *Stage) (comparison.Row, error)
	// Soak includes the trial in soaks, in which people talk meanwhile.
	Soak bool
	// Long excludes the trial from short runs.
	Long bool
}

// Stage is where trials run.
type Stage struct {
	Bed    *testbed.Bed
	Desk   *testbed.Desk // it runs before each trial
	Random *rand.Rand
	Short  bool
	crowds int // so far
}

// NewStage builds the program and starts the desk.
func NewStage(ctx context.Context, seed uint64, short bool) (*Stage, error) {
	bed, err := testbed.New(ctx)
	if err != nil {
		return nil, err
	}
	s := &Stage{Bed: bed, Random: rand.New(rand.NewPCG(seed, 0)), Short: short}
	if s.Desk, err = bed.Desk("desk"); err == nil {
		err = s.Desk.Start()
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close stops the desk and removes everything.
func (s *Stage) Close() {
	if s.Desk != nil {
		_ = s.Desk.Stop()
	}
	s.Bed.Remove()
}

// Try runs a trial and returns its row. An error of the trial is part of the row.
func (s *Stage) Try(ctx context.Context, t Trial) comparison.Row {
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	row, err := t.Run(ctx, s)
	if err != nil {
		row.Failed = brief(err)
	}
	if !s.Desk.IsRunning() {
		if err := s.Desk.Start(); err != nil {
			row.Failed = fmt.Sprintf("%s; the desk does not start again: %v", row.Failed, err)
		}
	}
	row.Fault, row.Note, row.Took = t.Name, t.Note, time.Since(start)
	return row
}

// brief returns the first line of an error, and the number of the following lines.
func brief(err error) string {
	first, rest, more := strings.Cut(err.Error(), "\n")
	if !more {
		return first
	}
	return fmt.Sprintf("%s (and %d more)", first, 1+strings.Count(rest, "\n"))
}

// All returns the trials in the order in which they run.
func All() []Trial {
	return slices.Concat(programTrials, databaseTrials, networkTrials, storageTrials, onceTrials, clientTrials, inputTrials, lastTrials)
}

// file returns a path for a new file with that name in the folder of the stage.
func (s *Stage) file(name string) string { return filepath.Join(s.Bed.Dir, name) }

// Names returns the names of trials.
func Names(all []Trial) []string {
	names := make([]string, len(all))
	for i, t := range all {
		names[i] = t.Name
	}
	return names
}
