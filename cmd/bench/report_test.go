package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sampleReport has a value in every column.
func sampleReport() report {
	r := row{Work: "P1 list", Rate: 3000, P50: millis(1500 * time.Microsecond), P99: millis(9 * time.Millisecond), ServerCPU: millis(400 * time.Microsecond),
		DBCPU: millis(200 * time.Microsecond), RSS: 40 << 20, DBRSS: 90 << 20, Value: "41.7 KiB"}
	g := growth{Tickets: []int{10_000, 1_000_000}, Rows: []growthRow{newGrowthRow("search", []millis{millis(2 * time.Millisecond), millis(3 * time.Millisecond)}, 50*time.Millisecond)}}
	return report{Tickets: 100_000, Runs: 3, Rows: []row{r.against(4000).wants("≥ 2,880/s", true).wantsShare(.8), {Work: "P9 visit", Value: "36 KiB"}}, Growth: &g}
}

func TestARowsGoalsAreKeptApart(t *testing.T) {
	t.Parallel()
	r := row{Rate: 3000}.against(4000).wants("≥ 2,880/s", true).wantsShare(.8)
	if r.Share != .75 || !*r.Met || *r.ShareMet {
		t.Errorf("share %v, absolute goal met %v, share's goal met %v", r.Share, *r.Met, *r.ShareMet)
	}
}

func TestTheTableSaysWhatWasMeasuredAndNothingElse(t *testing.T) {
	t.Parallel()
	lines := table(sampleReport().Rows)
	want := []string{"P1 list", "3000", "1.50", "9.00", "0.40", "0.20", "40", "90", "4000", "75 %", "41.7 KiB", "≥ 2,880/s", "yes", "≥ 80 %", "no"}
	if diff := cmp.Diff(want, lines[1]); diff != "" {
		t.Errorf("the row (-want +got):\n%s", diff)
	}
	if got := strings.Join(lines[2], ""); got != "P9 visit36 KiB" {
		t.Errorf("a row of one value says %q", got)
	}
}

func TestGrowthIsTheRatioOfTheLargestDeskToTheSmallest(t *testing.T) {
	t.Parallel()
	want := []string{"search", "2.00", "3.00", "1.50", "≤ 1.3", "no", "50 ms", "yes", ""}
	if diff := cmp.Diff(want, sampleReport().Growth.table()[1]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheJSONOfAReportIsReadBackAsItWas(t *testing.T) {
	t.Parallel()
	r := sampleReport()
	var out strings.Builder
	if err := r.print(&out, options{JSON: true}); err != nil {
		t.Fatal(err)
	}
	var raw struct{ Rows []map[string]any }
	if err := json.Unmarshal([]byte(out.String()), &raw); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{"rate": 3000., "p50_ms": 1.5, "server_cpu_ms": .4, "rss_bytes": float64(40 << 20), "share": .75, "met": true, "share_met": false} {
		if got := raw.Rows[0][name]; got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	file := filepath.Join(t.TempDir(), "report.json")
	if err := os.WriteFile(file, []byte(out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	back, err := readReport(file)
	if diff := cmp.Diff(r, back); err != nil || diff != "" {
		t.Errorf("%v, (-want +got):\n%s", err, diff)
	}
}

func TestTheTablesGoBetweenTheMarksOfAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(file, []byte("before\n"+markBegin+"old\n"+markEnd+"\nafter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := sampleReport().into(file); err != nil {
			t.Fatal(err)
		}
	}
	raw, _ := os.ReadFile(file)
	text := string(raw)
	if !strings.HasPrefix(text, "before\n") || !strings.HasSuffix(text, "\nafter\n") || strings.Contains(text, "old") || strings.Count(text, "| P1 list |") != 1 {
		t.Errorf("the file holds:\n%s", text)
	}
	if err := os.WriteFile(file, []byte("no marks"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := sampleReport().into(file); err == nil {
		t.Error("a file without marks is written to")
	}
}
