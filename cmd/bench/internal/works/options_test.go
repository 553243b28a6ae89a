package works

import (
	"slices"
	"testing"
)

// measurable returns valid options.
func measurable() Options { return Options{Tickets: 2000, Growth: []int{2000}} }

func TestWorksAreChosenByNameOrByCode(t *testing.T) {
	t.Parallel()
	o := measurable()
	o.Only = []string{"Ticket List", " chat ", "P1", "p2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P11", "P12", "P13", "API"}
	if err := o.Check(); err != nil {
		t.Fatal(err)
	}
	want := []string{"ticket list", "chat", "ticket list", "one ticket", "comment", "chat", "open sockets", "memory", "growth", "whole list", "page weight", "start", "socket.io", "hostile text", replicasName, "api"}
	if !slices.Equal(o.Only, want) {
		t.Errorf("works %q, want %q", o.Only, want)
	}
}

func TestOptionsThatCannotBeMeasuredAreRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Options){
		"an unknown work":            func(o *Options) { o.Only = []string{"P99"} },
		"a work without a name":      func(o *Options) { o.Only = []string{""} },
		"too few tickets":            func(o *Options) { o.Tickets = 100 },
		"too few tickets to grow to": func(o *Options) { o.Growth = []int{10_000, 5} },
		"works of another server":    func(o *Options) { o.Against, o.Only = "http://127.0.0.1:1", []string{"chat"} },
		"a server elsewhere":         func(o *Options) { o.Against = "http://192.0.2.1:80" },
	} {
		o := measurable()
		change(&o)
		if err := o.Check(); err == nil {
			t.Errorf("%s is accepted: %+v", name, o)
		}
	}
}

func TestOnlyServersOnTheLoopbackAddressAreMeasured(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{"http://127.0.0.1:4001": "127.0.0.1:4001", "http://localhost:4001/": "127.0.0.1:4001", "http://[::1]:80": "[::1]:80", "http://127.9.9.9": "127.9.9.9:80"} {
		if got, err := loopback(address); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", address, got, err, want)
		}
	}
	for _, address := range []string{"http://192.0.2.1:80", "http://example.org", "https://127.0.0.1", "127.0.0.1:4001", "http://127.0.0.1.example.org", "http://0.0.0.0:1", "http://127.0.0.1/other"} {
		if got, err := loopback(address); err == nil {
			t.Errorf("%s is accepted as %q", address, got)
		}
	}
}
