package works

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// Options are the parameters of a run. The tags describe them as flags.
type Options struct {
	Tickets int      `default:"100000" help:"Tickets to seed, such as 10000, 100000 or 1000000; at least 2000."`
	Growth  []int    `default:"10000,100000,1000000" help:"Tickets of the desks that the work \"growth\" compares; the ratio is that of the last to the first."`
	Seconds float64  `default:"5" help:"Length of one run of a work, at most 60."`
	Runs    int      `default:"3" help:"Runs of a work; the median counts."`
	Conns   int      `default:"20" help:"Connections of the load, at most 200."`
	Only    []string `help:"Works to run, separated by commas, such as \"ticket list,comment\": ${works}. The codes P1 to P13 mean the same works."`
	Profile string   `type:"path" help:"Folder for a CPU and an allocation profile of the server during each work. Profiling makes the figures worse."`

	Pooler string `type:"existingfile" placeholder:"PROGRAM" help:"PgBouncer, such as /usr/sbin/pgbouncer, for the work \"pooler\": the list, one ticket and comments through it, beside a desk without it."`

	Against  string `help:"Measure another server with the same REST API, at a loopback address such as http://127.0.0.1:4001, instead of ours. It gets a customer, 50 tickets and many comments, so use one whose data is not needed."`
	Email    string `help:"With --against: a member of staff there, to fetch the whole list."`
	Password string `env:"BENCH_PASSWORD" help:"Their password."`
}

// Check brings Seconds, Conns and Runs within their limits, replaces codes in Only
// by names, and returns an error that names the flag if another value cannot be used.
func (o *Options) Check() error {
	o.Seconds, o.Conns, o.Runs = min(max(o.Seconds, .05), 60), min(max(o.Conns, 1), 200), max(o.Runs, 1)
	for i, name := range o.Only {
		known, ok := nameOf(name)
		if !ok {
			return fmt.Errorf("--only %s: there is no such work; there are %s", name, strings.Join(Names(), ", "))
		}
		o.Only[i] = known
	}
	if slices.Contains(o.Only, poolerName) && o.Pooler == "" {
		return errors.New("--only pooler needs --pooler with the program of PgBouncer, such as /usr/sbin/pgbouncer")
	}
	for _, n := range append([]int{o.Tickets}, o.Growth...) {
		if n < 2000 || n > 5_000_000 {
			return fmt.Errorf("a desk of %d tickets cannot be measured: the least is 2,000, and the most is 5,000,000", n)
		}
	}
	if o.Against == "" {
		return nil
	}
	if o.Only != nil || o.Profile != "" {
		return errors.New("--against measures the works of the REST API: --only and --profile cannot be used with it")
	}
	_, err := loopback(o.Against)
	return err
}

// loopback returns the host and port of an address on this machine. It returns an
// error for any other address: a load is an attack on a server whose owner does
// not expect it.
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
