package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// report is all that a run of the bench has found out, for people and programs.
type report struct {
	MeasuredAt  time.Time `json:"measured_at"`
	Took        float64   `json:"took_s"`
	Machine     machine   `json:"machine"`
	Against     string    `json:"against,omitempty"` // the other server that was measured
	Tickets     int       `json:"tickets"`
	Seconds     float64   `json:"seconds"` // of one run of a work
	Runs        int       `json:"runs"`
	Connections int       `json:"connections"`
	Rows        []row     `json:"rows"`
	Growth      *growth   `json:"growth,omitempty"`
}

// machine is what everything ran on: load, server and database share it.
type machine struct {
	Cores      int    `json:"cores"`
	CPU        string `json:"cpu"`
	System     string `json:"system"`
	Go         string `json:"go"`
	PostgreSQL string `json:"postgresql,omitempty"`
}

func thisMachine() machine {
	m := machine{Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version()}
	raw, _ := os.ReadFile("/proc/cpuinfo") // without it the name is missing
	for line := range strings.Lines(string(raw)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			m.CPU = strings.TrimSpace(value)
			break
		}
	}
	return m
}

// String is one line for people.
func (r report) String() string {
	made, of := r.Machine.CPU+", "+r.Machine.Go, thousands(r.Tickets)+" tickets"
	if r.Machine.PostgreSQL != "" {
		server, _, _ := strings.Cut(r.Machine.PostgreSQL, " ")
		made += ", PostgreSQL " + server
	}
	if r.Against != "" {
		of = r.Against
	}
	return fmt.Sprintf("%s, %d cores with everything on them (%s): %s, %d connections, the median of %d runs of %g s; all of it took %s",
		r.MeasuredAt.Format("2 January 2006"), r.Machine.Cores, made, of, r.Connections, r.Runs, r.Seconds, time.Duration(r.Took*float64(time.Second)).Round(time.Second))
}

// print writes the report as o wants it.
func (r report) print(w io.Writer, o options) error {
	switch {
	case o.JSON:
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(r)
	case o.Into != "":
		return r.into(o.Into)
	}
	fmt.Fprintln(w, r)
	if len(r.Rows) > 0 {
		printTable(w, table(r.Rows))
	}
	if r.Growth != nil {
		fmt.Fprintln(w)
		printTable(w, r.Growth.table())
	}
	return nil
}

// The marks between which a file holds the tables.
const (
	markBegin = "<!-- bench: written by `go run ./cmd/bench --into README.md` -->\n"
	markEnd   = "<!-- bench ends -->"
)

// into writes the tables as Markdown between the marks in a file.
func (r report) into(file string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, rest, ok1 := strings.Cut(string(old), markBegin)
	_, tail, ok2 := strings.Cut(rest, markEnd)
	if !ok1 || !ok2 {
		return fmt.Errorf("%s lacks the lines %q and %q, between which the tables go", file, strings.TrimSpace(markBegin), markEnd)
	}
	return os.WriteFile(file, []byte(head+markBegin+r.markdown()+markEnd+tail), 0o644)
}

func (r report) markdown() string {
	w := &strings.Builder{}
	fmt.Fprintf(w, "\n%s.\n\n", r)
	if len(r.Rows) > 0 {
		printMarkdown(w, table(r.Rows))
	}
	if r.Growth != nil {
		fmt.Fprint(w, "\n<details><summary>As the desk grows (P7)</summary>\n\n")
		printMarkdown(w, r.Growth.table())
		fmt.Fprint(w, "\n</details>\n")
	}
	return w.String() + "\n"
}

// readReport reads what an earlier run printed with --json.
func readReport(file string) (report, error) {
	var r report
	raw, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(raw, &r)
	}
	return r, err
}
