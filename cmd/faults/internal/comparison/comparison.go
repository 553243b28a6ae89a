// Package comparison compares what a desk acknowledged with what it stored and with what it showed,
// and prints the result as a table.
package comparison

import (
	"slices"
	"time"

	"frontdesk/cmd/faults/internal/fault"
	"frontdesk/cmd/faults/internal/journal"
	"frontdesk/cmd/faults/internal/people"
)

// Figures are the result of one fault. All numbers but Writes should be 0.
type Figures struct {
	Writes     int // acknowledged writes
	Lost       int // L: acknowledged but not stored
	Doubled    int // D: stored more often than once
	Disordered int // O: people whose list differs from the log, and writes at another seq than was acknowledged or before an earlier write of their author
	BadFiles   int // X: attachments whose bytes differ or are missing, and files that nothing needs
	Forbidden  int // A: forbidden attempts that had an effect
	Errors     int // E: answers 5xx to bad input, and answers 500 to any
	// Recovery (R) is the time from the end of the fault to the first success; less than 0 if
	// there was none, and 0 if that is not measured.
	Recovery time.Duration
	// P50 and P99 are how long live delivery took outside of the windows of faults.
	P50, P99 time.Duration
}

// Add adds the counts of other figures, and takes the longer times.
func (f *Figures) Add(more Figures) {
	f.Writes += more.Writes
	f.Lost += more.Lost
	f.Doubled += more.Doubled
	f.Disordered += more.Disordered
	f.BadFiles += more.BadFiles
	f.Forbidden += more.Forbidden
	f.Errors += more.Errors
	if f.Recovery >= 0 && (more.Recovery < 0 || more.Recovery > f.Recovery) {
		f.Recovery = more.Recovery
	}
	f.P50, f.P99 = max(f.P50, more.P50), max(f.P99, more.P99)
}

// Compare compares a journal, a log and what people were shown. It sets Writes, Lost, Doubled
// and Disordered.
func Compare(entries []journal.Entry, log Log, seen []people.Seen) Figures {
	f := Figures{Writes: len(entries)}
	for ticket := range union(log) {
		for _, n := range log.stored(ticket) {
			f.Doubled += n - 1
		}
	}
	f.Lost, f.Disordered = compareWrites(entries, log)
	for _, s := range seen {
		if !slices.Equal(s.Items, log.Items[s.Ticket]) {
			f.Disordered++
		}
	}
	return f
}

// union returns the tickets of a log.
func union(l Log) map[int64]bool {
	all := map[int64]bool{}
	for id := range l.Items {
		all[id] = true
	}
	for id := range l.Files {
		all[id] = true
	}
	return all
}

// compareWrites counts the writes that are not stored, and those that are stored at another seq
// than was acknowledged, or before an earlier write of the same author.
func compareWrites(entries []journal.Entry, log Log) (lost, disordered int) {
	type key struct {
		ticket int64
		thing
	}
	at, stored := map[key]int64{}, map[int64]map[thing]int{}
	for ticket := range union(log) {
		stored[ticket] = log.stored(ticket)
		for _, i := range log.Items[ticket] {
			if what := (key{ticket, thing{i.Kind, i.Text}}); at[what] == 0 { // a copy counts as doubled only
				at[what] = i.Seq
			}
		}
	}
	type author struct {
		ticket int64
		name   string
	}
	before := map[author]int64{}
	for _, e := range entries {
		what := thing{e.Kind, e.Text}
		if stored[e.Ticket][what] == 0 {
			lost++
			continue
		}
		if e.Kind == journal.File {
			continue // it is not in the list
		}
		seq, who := at[key{e.Ticket, what}], author{e.Ticket, e.Author}
		if e.Seq != 0 && e.Seq != seq || seq < before[who] {
			disordered++
		}
		before[who] = max(before[who], seq)
	}
	return lost, disordered
}

// Recovery returns the time from the end of a fault to the first success of a write that was
// begun after it. It returns -1 if there was none.
func Recovery(w fault.Window, acks []people.Timing) time.Duration {
	first := time.Duration(-1)
	for _, a := range acks {
		if a.Begun.Before(w.End) {
			continue
		}
		if took := a.Ended.Sub(w.End); first < 0 || took < first {
			first = took
		}
	}
	return first
}

// Outside returns the median and the 99th percentile of the timings that do not overlap a window.
// Each window is extended by the time that the desk may take to recover.
func Outside(windows []fault.Window, recovery time.Duration, all []people.Timing) (p50, p99 time.Duration) {
	var took []time.Duration
	for _, t := range all {
		touches := func(w fault.Window) bool {
			return t.Ended.After(w.Begin) && t.Begun.Before(w.End.Add(recovery))
		}
		if !slices.ContainsFunc(windows, touches) {
			took = append(took, t.Took())
		}
	}
	if len(took) == 0 {
		return 0, 0
	}
	slices.Sort(took)
	return took[len(took)/2], took[min(len(took)-1, len(took)*99/100)]
}
