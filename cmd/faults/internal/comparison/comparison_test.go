package comparison

import (
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/cmd/faults/internal/fault"
	"frontdesk/cmd/faults/internal/journal"
	"frontdesk/cmd/faults/internal/people"
)

// talk returns the journal, the log and the lists of a ticket where all is well: three messages,
// a comment and a file by two people.
func talk() ([]journal.Entry, Log, []people.Seen) {
	items := []people.Item{{Seq: 2, Kind: "message", Text: "a"}, {Seq: 3, Kind: "comment", Text: "b"}, {Seq: 4, Kind: "message", Text: "c"}, {Seq: 6, Kind: "message", Text: "d"}}
	entries := []journal.Entry{
		{Kind: journal.Message, Ticket: 1, Author: "Ana", Seq: 2, Text: "a"}, {Kind: journal.Message, Ticket: 1, Author: "Bo", Seq: 4, Text: "c"},
		{Kind: journal.Comment, Ticket: 1, Author: "Ana", Text: "b"}, {Kind: journal.File, Ticket: 1, Author: "Bo", Text: "f00d"},
		{Kind: journal.Message, Ticket: 1, Author: "Bo", Seq: 6, Text: "d"},
	}
	log := Log{Items: map[int64][]people.Item{1: items}, Files: map[int64][]string{1: {"f00d"}}}
	seen := []people.Seen{{Person: "Ana", Ticket: 1, Items: slices.Clone(items)}, {Person: "Bo", Ticket: 1, Items: slices.Clone(items)}}
	return entries, log, seen
}

func TestCompareFindsWhatWentWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(entries []journal.Entry, log Log, seen []people.Seen)
		want   Figures
	}{
		"nothing": {func([]journal.Entry, Log, []people.Seen) {}, Figures{}},
		"a lost message": {func(e []journal.Entry, _ Log, _ []people.Seen) {
			e[0].Text = "lost"
		}, Figures{Lost: 1}},
		"a comment that is stored as a message": {func(e []journal.Entry, _ Log, _ []people.Seen) {
			e[2].Kind = journal.Message
		}, Figures{Lost: 1}},
		"a message that is stored on another ticket": {func(e []journal.Entry, _ Log, _ []people.Seen) {
			e[0].Ticket = 2
		}, Figures{Lost: 1}},
		"a lost file": {func(_ []journal.Entry, l Log, _ []people.Seen) {
			l.Files[1] = nil
		}, Figures{Lost: 1}},
		"a doubled file": {func(_ []journal.Entry, l Log, _ []people.Seen) {
			l.Files[1] = append(l.Files[1], "f00d")
		}, Figures{Doubled: 1}},
		"a doubled message that both were shown": {func(_ []journal.Entry, l Log, s []people.Seen) {
			twice := people.Item{Seq: 7, Kind: "message", Text: "a"}
			l.Items[1] = append(l.Items[1], twice)
			for i := range s {
				s[i].Items = append(s[i].Items, twice)
			}
		}, Figures{Doubled: 1}},
		"a message that one person was not shown": {func(_ []journal.Entry, _ Log, s []people.Seen) {
			s[1].Items = s[1].Items[1:]
		}, Figures{Disordered: 1}},
		"a message that one person was shown twice": {func(_ []journal.Entry, _ Log, s []people.Seen) {
			s[0].Items = append(s[0].Items, s[0].Items[3])
		}, Figures{Disordered: 1}},
		"two messages that one person was shown in another order": {func(_ []journal.Entry, _ Log, s []people.Seen) {
			s[0].Items[0], s[0].Items[1] = s[0].Items[1], s[0].Items[0]
		}, Figures{Disordered: 1}},
		"a message at another seq than was acknowledged": {func(e []journal.Entry, _ Log, _ []people.Seen) {
			e[0].Seq = 3
		}, Figures{Disordered: 1}},
		"a message before an earlier one of its author": {func(e []journal.Entry, _ Log, _ []people.Seen) {
			e[1], e[4] = e[4], e[1]
		}, Figures{Disordered: 1}},
	} {
		entries, log, seen := talk()
		c.change(entries, log, seen)
		c.want.Writes = len(entries)
		if got := Compare(entries, log, seen); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

// at returns a moment so many milliseconds after a fixed one.
func at(ms int) time.Time {
	return time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC).Add(time.Duration(ms) * time.Millisecond)
}

func TestRecoveryIsUntilTheFirstSuccessOfAWriteThatBeganAfterTheFault(t *testing.T) {
	t.Parallel()
	w := fault.Window{Begin: at(1000), End: at(2000)}
	acks := []people.Timing{{Begun: at(1900), Ended: at(2100)}, {Begun: at(2500), Ended: at(2900)}, {Begun: at(2100), Ended: at(2400)}}
	if got := Recovery(w, acks); got != 400*time.Millisecond {
		t.Errorf("got %s, want 400 ms", got)
	}
	if got := Recovery(w, acks[:1]); got >= 0 {
		t.Errorf("got %s without a success, want less than 0", got)
	}
}

func TestLatenciesWithinAWindowDoNotCount(t *testing.T) {
	t.Parallel()
	windows := []fault.Window{{Begin: at(1000), End: at(2000)}}
	all := []people.Timing{{Begun: at(0), Ended: at(10)}, {Begun: at(900), Ended: at(1500)}, {Begun: at(1100), Ended: at(1200)}, {Begun: at(2400), Ended: at(3400)}, {Begun: at(2500), Ended: at(2530)}}
	p50, p99 := Outside(windows, 500*time.Millisecond, all)
	if p50 != 30*time.Millisecond {
		t.Errorf("the p50 is %s, want %s", p50, 30*time.Millisecond)
	}
	if p99 != 30*time.Millisecond {
		t.Errorf("the p99 is %s, want %s", p99, 30*time.Millisecond)
	}
}

func TestTheTableNamesEveryFigureAboveItsLimit(t *testing.T) {
	t.Parallel()
	table := Table{
		{Fault: "none", Figures: Figures{Writes: 9, P99: time.Second}},
		{Fault: "many", Figures: Figures{Lost: 1, Doubled: 2, Disordered: 3, BadFiles: 4, Forbidden: 5, Errors: 6, Recovery: 3 * time.Second, P99: time.Second},
			Limits: Limits{Recovery: 2 * time.Second, P99: 500 * time.Millisecond}},
		{Fault: "no end", Figures: Figures{Recovery: -1}, Limits: Limits{Recovery: time.Second}},
		{Fault: "untried", Skipped: "not root"},
		{Fault: "broken", Failed: "no socket"},
	}
	var out strings.Builder
	if err := table.Write(&out); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(table.Problems(), "; ")
	want := "many: L = 1; many: D = 2; many: O = 3; many: X = 4; many: A = 5; many: E = 6; many: R = 3.00 s, limit 2.00 s; many: p99 = 1000 ms, limit 500 ms; no end: no success after the fault; broken: no socket"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, text := range append(table.Problems(), "skipped: not root", "| none ") {
		if !strings.Contains(out.String(), text) {
			t.Errorf("the table has no %q:\n%s", text, out.String())
		}
	}
}
