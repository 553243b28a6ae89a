package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"frontdesk/cmd/faults/internal/trials"
)

// options are the flags of the command.
type options struct {
	short bool
	soak  time.Duration
	seed  uint64
	slack float64
	into  string         // path of a document; "" for none
	only  []trials.Trial // nil for all
}

// parse reads the flags.
func parse(args []string, usage io.Writer) (options, error) {
	var o options
	var names string
	flags := flag.NewFlagSet("faults", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.BoolVar(&o.short, "short", false, "leave out what takes long")
	flags.DurationVar(&o.soak, "soak", 0, "cause random faults for this long, such as 20m")
	flags.Uint64Var(&o.seed, "seed", 0, "repeat the random choices of a run that printed this seed")
	flags.Float64Var(&o.slack, "slack", 1, "multiply the limits of times, on a machine that does other work as well")
	flags.StringVar(&o.into, "into", "", "also write the table into a document, between its marks")
	flags.StringVar(&names, "only", "", "names of trials, separated by commas")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	if o.slack < 1 {
		return o, errors.New("-slack must be 1 or more")
	}
	if o.soak < 0 {
		return o, errors.New("-soak must be a time such as 20m")
	}
	if o.seed == 0 {
		o.seed = 1 + rand.Uint64N(1_000_000)
	}
	var err error
	o.only, err = choose(names)
	return o, err
}

// choose returns the trials with these names, separated by commas, in the order in which they run,
// or nil for "".
func choose(names string) ([]trials.Trial, error) {
	if names == "" {
		return nil, nil
	}
	all, wanted := trials.All(), map[string]bool{}
	for name := range strings.SplitSeq(names, ",") {
		name = strings.TrimSpace(name)
		if !slices.Contains(trials.Names(all), name) {
			return nil, fmt.Errorf("there is no trial %q; there are %s", name, strings.Join(trials.Names(all), ", "))
		}
		wanted[name] = true
	}
	return slices.DeleteFunc(all, func(t trials.Trial) bool { return !wanted[t.Name] }), nil
}
