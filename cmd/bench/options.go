package main

import (
	"strings"

	"github.com/alecthomas/kong"

	"frontdesk/cmd/bench/internal/works"
)

type options struct {
	works.Options

	JSON bool   `name:"json" xor:"out" help:"Print the report as JSON."`
	Into string `xor:"out" type:"existingfile" help:"A file, such as docs/speed.md, to write the tables into as Markdown, between its two marks."`
	From string `type:"existingfile" help:"Measure nothing and use the report that an earlier run printed with --json."`
}

// parse reads the arguments. Flags with one dash (-tickets 10000), as the flag
// package takes them, are accepted as well.
func parse(args []string) (options, error) {
	var o options
	parser, err := kong.New(&o, kong.Name("bench"), kong.Vars{"works": strings.Join(works.Names(), ", ")},
		kong.Description("Measures the speed of the desk beside its limits, on this machine, and prints one table. Progress goes to standard error."))
	if err != nil {
		return o, err
	}
	if _, err := parser.Parse(doubleDashes(args)); err != nil {
		return o, err
	}
	return o, o.Check()
}

// doubleDashes returns args with --tickets for -tickets. -h is left as it is.
func doubleDashes(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		if out[i] = a; len(a) > 2 && a[0] == '-' && a[1] >= 'a' && a[1] <= 'z' {
			out[i] = "-" + a
		}
	}
	return out
}
