package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/alecthomas/kong"
)

type options struct {
	Tickets int      `default:"100000" help:"Tickets to seed, such as 10000, 100000 or 1000000; at least 2000."`
	Growth  []int    `default:"10000,100000,1000000" help:"Tickets of the desks that P7 compares; the first is what the others are measured by."`
	Seconds float64  `default:"5" help:"Length of one run of a work, at most 60."`
	Runs    int      `default:"3" help:"Runs of a work; the median counts."`
	Conns   int      `default:"20" help:"Connections of the load, at most 200."`
	Only    []string `help:"Works to run, such as P1,P3: ${works}."`
	Profile string   `type:"path" help:"Folder for a CPU and an allocation profile of the server during each work. The figures are slower by the profiler then."`

	JSON bool   `name:"json" xor:"out" help:"Print what was measured as JSON."`
	Into string `xor:"out" type:"existingfile" help:"A file, such as README.md, to write the tables into as Markdown, between its two marks."`
	From string `type:"existingfile" help:"Measure nothing; take what an earlier run printed with --json."`

	Against  string `help:"Measure another server with the same REST API, at a loopback address such as http://127.0.0.1:4001, in place of ours. It gets a customer, 50 tickets and many comments: take one that nobody needs."`
	Email    string `help:"With --against: a member of staff there, to fetch the whole list."`
	Password string `env:"BENCH_PASSWORD" help:"Their password."`
}

// parse reads the arguments. Flags of the flag package's form (-tickets 10000)
// are taken too.
func parse(args []string) (options, error) {
	var o options
	parser, err := kong.New(&o, kong.Name("bench"), kong.Vars{"works": strings.Join(workNames(), " ")},
		kong.Description("Measures the desk beside its limit, on this machine, and prints one table. Progress goes to standard error."))
	if err != nil {
		return o, err
	}
	if _, err := parser.Parse(doubleDashes(args)); err != nil {
		return o, err
	}
	return o, o.check()
}

// doubleDashes makes --tickets of -tickets. -h stays.
func doubleDashes(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		if out[i] = a; len(a) > 2 && a[0] == '-' && a[1] >= 'a' && a[1] <= 'z' {
			out[i] = "-" + a
		}
	}
	return out
}

func (o *options) check() error {
	o.Seconds, o.Conns, o.Runs = min(max(o.Seconds, .05), 60), min(max(o.Conns, 1), 200), max(o.Runs, 1)
	for i, name := range o.Only {
		o.Only[i] = strings.ToUpper(name)
		if !known(o.Only[i]) {
			return fmt.Errorf("--only %s: there is no such work; there are %s", name, strings.Join(workNames(), ", "))
		}
	}
	for _, n := range append([]int{o.Tickets}, o.Growth...) {
		if n < 2000 || n > 5_000_000 {
			return fmt.Errorf("a desk of %d tickets cannot be measured: 2,000 are needed, and 5,000,000 are the most", n)
		}
	}
	if o.Against == "" {
		return nil
	}
	if o.Only != nil || o.Profile != "" {
		return errors.New("--against measures the works of the REST API: --only and --profile do not go with it")
	}
	_, err := loopback(o.Against)
	return err
}

// loopback is the host and port of a server on this machine. Others are
// refused: a load is an attack on whoever did not ask for it.
func loopback(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" {
		return "", fmt.Errorf("--against %s: an address such as http://127.0.0.1:4001 is needed", address)
	}
	host, port := u.Hostname(), u.Port()
	if port == "" {
		port = "80"
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return "", fmt.Errorf("--against %s: only servers on this machine are measured, at a loopback address such as 127.0.0.1: a load is an attack on any other", address)
	}
	return net.JoinHostPort(host, port), nil
}
