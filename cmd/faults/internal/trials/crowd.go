package trials

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/cmd/faults/internal/comparison"
	"frontdesk/cmd/faults/internal/fault"
	"frontdesk/cmd/faults/internal/journal"
	"frontdesk/cmd/faults/internal/people"
	"frontdesk/cmd/faults/internal/testbed"
)

// limits are those of a desk of one process.
var limits = comparison.Limits{Recovery: 2 * time.Second, P99: 500 * time.Millisecond}

const (
	rooms    = 6                      // of two people each
	pace     = 100 * time.Millisecond // between two writes of a person
	calm     = time.Second            // how long people talk before the first fault, and at the end
	timeout  = 10 * time.Second       // of waiting, such as until all people were shown all entries
	settling = 500 * time.Millisecond // how long people talk after the time that the desk has to recover
)

// play describes the faults while people talk.
type play struct {
	desk   *testbed.Desk // nil for that of the stage
	bases  []string      // addresses of the desk for the people; nil for its own address
	faults []fault.Fault // one after another
	// steady reports that the faults must not be noticed: latencies during them are measured, too.
	steady bool
	// recovery returns the times from which the recovery is taken; nil for those of all
	// acknowledged writes.
	recovery func(*people.Crowd) []people.Timing
}

// during returns a Run that lets people talk while the fault happens.
func during(f fault.Fault) func(context.Context, *Stage) (comparison.Row, error) {
	return func(ctx context.Context, s *Stage) (comparison.Row, error) {
		return s.talk(ctx, play{faults: []fault.Fault{f}})
	}
}

// talk lets people talk while faults happen, and compares the acknowledged, stored and shown
// entries.
func (s *Stage) talk(ctx context.Context, p play) (comparison.Row, error) {
	row := comparison.Row{Limits: limits}
	if p.desk == nil {
		p.desk = s.Desk
	}
	if p.bases == nil {
		p.bases = []string{p.desk.Base}
	}
	book, err := s.openBook()
	if err != nil {
		return row, err
	}
	crowd, err := enter(ctx, p, book)
	if err != nil {
		return row, errors.Join(err, book.close())
	}
	defer crowd.Close()
	crowd.Talk(ctx)
	windows, trouble := s.cause(ctx, p)
	crowd.Finish()
	row.Figures, err = judge(ctx, p.desk, book, crowd)
	for _, refusal := range crowd.Refusals() {
		err = errors.Join(err, refusal)
	}
	measure(&row, p, crowd, windows)
	return row, errors.Join(trouble, err)
}

// enter signs the people of a play in.
func enter(ctx context.Context, p play, book *book) (*people.Crowd, error) {
	url, err := p.desk.DatabaseURL()
	if err != nil {
		return nil, err
	}
	all, err := people.AddRooms(ctx, url, rooms)
	if err != nil {
		return nil, err
	}
	return people.Enter(ctx, people.Options{Bases: p.bases, Rooms: all, Journal: book, Pace: pace, Files: true})
}

// cause causes the faults of a play one after another, with time to recover after each.
func (s *Stage) cause(ctx context.Context, p play) (windows []fault.Window, err error) {
	sleep(ctx, calm/2+time.Duration(s.Random.Int64N(int64(calm)))) // so that faults come at random moments
	for _, f := range p.faults {
		w, failed := fault.Run(ctx, f)
		windows, err = append(windows, w), errors.Join(err, failed)
		switch {
		case p.steady:
		case s.Short:
			sleep(ctx, calm)
		default:
			sleep(ctx, limits.Recovery+settling)
		}
	}
	return windows, err
}

// judge compares the acknowledged, stored and shown entries.
func judge(ctx context.Context, d *testbed.Desk, b *book, crowd *people.Crowd) (comparison.Figures, error) {
	if err := b.close(); err != nil {
		return comparison.Figures{}, err
	}
	entries, err := journal.Read(b.path)
	if err != nil {
		return comparison.Figures{}, err
	}
	url, err := d.DatabaseURL()
	if err != nil {
		return comparison.Figures{}, err
	}
	log, err := comparison.ReadLog(ctx, url, crowd.Tickets())
	if err != nil {
		return comparison.Figures{}, err
	}
	soon, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	late := crowd.Reach(soon, log.Last())
	f := comparison.Compare(entries, log, crowd.Seen())
	f.Errors = crowd.InternalErrors()
	f.BadFiles, err = d.Verify(ctx)
	return f, errors.Join(late, err)
}

// measure adds the latencies of the desk during a play.
func measure(row *comparison.Row, p play, crowd *people.Crowd, windows []fault.Window) {
	outside := windows
	if p.steady {
		outside = nil
	}
	row.P50, row.Figures.P99 = comparison.Outside(outside, limits.Recovery, crowd.Deliveries())
	if p.recovery == nil {
		p.recovery = (*people.Crowd).Acks
	}
	times := p.recovery(crowd)
	for _, w := range windows {
		row.Figures.Recovery = worse(row.Figures.Recovery, comparison.Recovery(w, times))
	}
}

// worse returns the longer recovery. A negative one means that the desk did not recover.
func worse(a, b time.Duration) time.Duration {
	if a < 0 || b < 0 {
		return -1
	}
	return max(a, b)
}

// book is a journal with its file.
type book struct {
	*journal.Journal
	path string
}

// openBook starts the process of a new journal.
func (s *Stage) openBook() (*book, error) {
	s.crowds++
	path := s.file(fmt.Sprintf("journal-%d", s.crowds))
	cmd, err := journal.Command(path)
	if err != nil {
		return nil, err
	}
	j, err := journal.Start(cmd)
	return &book{j, path}, err
}

// close ends the process of the journal.
func (b *book) close() error { return b.Close() }

// sleep waits for a time, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// repeated calls f again and again for a time.
func repeated(d, every time.Duration, f func() error) func(context.Context) error {
	return func(ctx context.Context) error {
		for end := time.Now().Add(d); time.Now().Before(end) && ctx.Err() == nil; sleep(ctx, every) {
			if err := f(); err != nil {
				return err
			}
		}
		return ctx.Err()
	}
}
