// Package report holds the results of a run of the bench and writes them as a
// table, as JSON or as Markdown.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"frontdesk/internal/input"
)

// Report is the result of a run.
type Report struct {
	MeasuredAt  time.Time `json:"measured_at"`
	Took        float64   `json:"took_s"`
	Machine     Machine   `json:"machine"`
	Against     string    `json:"against,omitempty"` // address of the other server that was measured
	Tickets     int       `json:"tickets"`
	Seconds     float64   `json:"seconds"` // length of one run of a work
	Runs        int       `json:"runs"`
	Connections int       `json:"connections"`
	Rows        []Row     `json:"rows"`
	Growth      *Growth   `json:"growth,omitempty"`
}

// Machine describes the machine, which the load, the server and the database share.
type Machine struct {
	Cores      int    `json:"cores"`
	CPU        string `json:"cpu"`
	System     string `json:"system"`
	Go         string `json:"go"`
	PostgreSQL string `json:"postgresql,omitempty"`
}

// ThisMachine describes the machine that the bench runs on. The CPU's name is
// empty if /proc/cpuinfo cannot be read.
func ThisMachine() Machine {
	m := Machine{Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version()}
	raw, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(raw)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			m.CPU = strings.TrimSpace(value)
			break
		}
	}
	return m
}

// String returns the circumstances of the run in one sentence.
func (r Report) String() string {
	made, of := r.Machine.CPU+", "+r.Machine.Go, input.Thousands(r.Tickets)+" tickets"
	if r.Machine.PostgreSQL != "" {
		server, _, _ := strings.Cut(r.Machine.PostgreSQL, " ")
		made += ", PostgreSQL " + server
	}
	if r.Against != "" {
		of = r.Against
	}
	return fmt.Sprintf("%s, %d cores shared by load, server and database (%s): %s, %d connections, the median of %d runs of %g s; the whole run took %s",
		r.MeasuredAt.Format("2 January 2006"), r.Machine.Cores, made, of, r.Connections, r.Runs, r.Seconds, time.Duration(r.Took*float64(time.Second)).Round(time.Second))
}

// Empty reports whether r holds no result.
func (r Report) Empty() bool { return len(r.Rows) == 0 && r.Growth == nil }

// WriteText writes the tables with aligned columns.
func (r Report) WriteText(w io.Writer) error {
	b := &strings.Builder{}
	fmt.Fprintln(b, r)
	if len(r.Rows) > 0 {
		printTable(b, table(r.Rows))
	}
	if r.Growth != nil {
		fmt.Fprintln(b)
		printTable(b, r.Growth.table())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteJSON writes the report for programs. Read reads it back.
func (r Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// Read reads a file that holds the output of WriteJSON.
func Read(file string) (Report, error) {
	var r Report
	raw, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(raw, &r)
	}
	return r, err
}

// The two marks in a file between which WriteInto puts the tables.
const (
	markBegin = "<!-- bench: written by `go run ./cmd/bench --into docs/speed.md` -->\n"
	markEnd   = "<!-- bench ends -->"
)

// WriteInto replaces the text between the two marks of a file by the tables as
// Markdown. It returns an error if a mark is missing.
func (r Report) WriteInto(file string) error {
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

func (r Report) markdown() string {
	w := &strings.Builder{}
	fmt.Fprintf(w, "\n%s.\n\n", r)
	if len(r.Rows) > 0 {
		printMarkdown(w, table(r.Rows))
	}
	if r.Growth != nil {
		fmt.Fprint(w, "\n<details><summary>As the desk grows</summary>\n\n")
		printMarkdown(w, r.Growth.table())
		fmt.Fprint(w, "\n</details>\n")
	}
	return w.String() + "\n"
}
