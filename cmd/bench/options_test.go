package main

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFlagsWorkWithOneDashAndWithTwo(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-tickets", "10000", "-only", "P1,p9", "-json"}, {"--tickets=10000", "--only=p1", "--only=P9", "--json"}} {
		o, err := parse(args)
		if err != nil || o.Tickets != 10_000 || !slices.Equal(o.Only, []string{"P1", "P9"}) || !o.JSON {
			t.Errorf("%v: %+v, %v", args, o, err)
		}
	}
	if got := doubleDashes([]string{"-h", "--json", "-", "-5", "x-y"}); !slices.Equal(got, []string{"-h", "--json", "-", "-5", "x-y"}) {
		t.Errorf("arguments that are no such flags are changed: %q", got)
	}
}

func TestWhatCannotBeMeasuredIsRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--only=P99"}, {"--tickets=100"}, {"--growth=10000,5"}, {"--against=http://127.0.0.1:1", "--only=P1"}} {
		if o, err := parse(args); err == nil {
			t.Errorf("%v is taken: %+v", args, o)
		}
	}
}

func TestOnlyServersOfThisMachineAreMeasured(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{"http://127.0.0.1:4001": "127.0.0.1:4001", "http://localhost:4001/": "127.0.0.1:4001", "http://[::1]:80": "[::1]:80", "http://127.9.9.9": "127.9.9.9:80"} {
		if got, err := loopback(address); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", address, got, err, want)
		}
	}
	for _, address := range []string{"http://192.0.2.1:80", "http://example.org", "https://127.0.0.1", "127.0.0.1:4001", "http://127.0.0.1.example.org", "http://0.0.0.0:1", "http://127.0.0.1/other"} {
		if got, err := loopback(address); err == nil {
			t.Errorf("%s is taken as %q", address, got)
		}
	}
}

func TestProgressTellsHowFarTheRunIsAndHowLongItWillTake(t *testing.T) {
	t.Parallel()
	begun := time.Unix(0, 0)
	p := &progress{to: io.Discard, steps: []step{{"first", 10 * time.Second}, {"second", 10 * time.Second}, {"third", 20 * time.Second}},
		begun: begun, at: 1, since: begun.Add(20 * time.Second)} // the first took twice as long as planned
	share, left := p.share(begun.Add(30 * time.Second))
	if left != 50*time.Second || share != 30./80 {
		t.Errorf("%v done and %v to go, want 0.375 and 50s", share, left)
	}
	if line := p.line(begun.Add(30 * time.Second)); !strings.HasPrefix(line, "[#######.............] 2 of 3, second; 30s, about 50s to go") {
		t.Errorf("the line is %q", line)
	}
	if _, left := p.share(begun.Add(time.Hour)); left != 40*time.Second {
		t.Errorf("a step that takes for ever leaves %v, want the plan of the rest", left)
	}
}
