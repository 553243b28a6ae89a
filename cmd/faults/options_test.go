package main

import (
	"io"
	"slices"
	"strings"
	"testing"

	"frontdesk/cmd/faults/internal/comparison"
	"frontdesk/cmd/faults/internal/trials"
)

func TestChosenTrialsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	o, err := parse([]string{"-only", "bad HTTP, program killed"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if got := trials.Names(chosen(o)); !slices.Equal(got, []string{"program killed", "bad HTTP"}) {
		t.Errorf("got %q, want the two trials in the order of the table", got)
	}
}

func TestAnUnknownTrialIsAnErrorThatNamesTheKnownOnes(t *testing.T) {
	t.Parallel()
	_, err := parse([]string{"-only", "rain"}, io.Discard)
	if err == nil {
		t.Fatal("got no error, want one")
	}
	if !strings.Contains(err.Error(), "LISTEN killed") {
		t.Errorf(`the error is %q, want it with "LISTEN killed"`, err.Error())
	}
}

func TestAShortRunLeavesOutOnlyLongTrials(t *testing.T) {
	t.Parallel()
	short := trials.Names(chosen(options{short: true}))
	for _, trial := range trials.All() {
		if got := slices.Contains(short, trial.Name); got == trial.Long {
			t.Errorf("%s: in a short run %t, but long %t", trial.Name, got, trial.Long)
		}
	}
}

func TestASeedIsMadeUnlessItIsGiven(t *testing.T) {
	t.Parallel()
	if o, err := parse(nil, io.Discard); err != nil || o.seed == 0 {
		t.Errorf("got the seed %d, %v, want another than 0", o.seed, err)
	}
	if o, err := parse([]string{"-seed", "4711"}, io.Discard); err != nil || o.seed != 4711 {
		t.Errorf("got the seed %d, %v, want 4711", o.seed, err)
	}
}

func TestASoakAddsTheFiguresOfATrialToItsRow(t *testing.T) {
	t.Parallel()
	table := add(nil, comparison.Row{Fault: "a", Figures: comparison.Figures{Writes: 2, Lost: 1, Recovery: 3}})
	table = add(table, comparison.Row{Fault: "b"})
	table = add(table, comparison.Row{Fault: "a", Figures: comparison.Figures{Writes: 5, Doubled: 1, Recovery: -1}, Failed: "x"})
	want := comparison.Figures{Writes: 7, Lost: 1, Doubled: 1, Recovery: -1}
	if len(table) != 2 {
		t.Fatalf("got %d elements, want 2: %+v", len(table), table)
	}
	if table[0].Figures != want {
		t.Errorf("the figures are %+v, want %+v", table[0].Figures, want)
	}
	if table[0].Failed != "x" {
		t.Errorf(`failed is %q, want "x"`, table[0].Failed)
	}
}
