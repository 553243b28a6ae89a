package main

import (
	"slices"
	"testing"
)

func TestFlagsAreAcceptedWithOneDashOrTwo(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-tickets", "10000", "-only", "ticket list,page weight", "-json"}, {"--tickets=10000", "--only=ticket list", "--only=page weight", "--json"}} {
		o, err := parse(args)
		if err != nil {
			t.Errorf("%q: %v", args, err)
			continue
		}
		if o.Tickets != 10_000 {
			t.Errorf("%q: %d tickets, want 10000", args, o.Tickets)
		}
		if want := []string{"ticket list", "page weight"}; !slices.Equal(o.Only, want) {
			t.Errorf("%q: works %q, want %q", args, o.Only, want)
		}
		if !o.JSON {
			t.Errorf("%q: JSON is not enabled", args)
		}
	}
}

func TestOtherArgumentsAreNotChanged(t *testing.T) {
	t.Parallel()
	args := []string{"-h", "--json", "-", "-5", "x-y"}
	if got := doubleDashes(args); !slices.Equal(got, args) {
		t.Errorf("got %q, want %q", got, args)
	}
}
