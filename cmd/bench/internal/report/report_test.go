package report

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
func sampleReport() Report {
	r := Row{Work: "ticket list", Rate: 3000, P50: Millis(1500 * time.Microsecond), P99: Millis(9 * time.Millisecond), ServerCPU: Millis(400 * time.Microsecond),
		DBCPU: Millis(200 * time.Microsecond), RSS: 40 << 20, DBRSS: 90 << 20, Value: "41.7 KiB"}
	g := Growth{Tickets: []int{10_000, 1_000_000}, Rows: []GrowthRow{NewGrowthRow("search", []Millis{Millis(2 * time.Millisecond), Millis(3 * time.Millisecond)}, []int{50, 50}, 50*time.Millisecond)}}
	return Report{Tickets: 100_000, Runs: 3, Rows: []Row{r.Against(4000).Wants("≥ 2,880/s", true).WantsShare(.8), {Work: "page weight", Value: "36 KiB"}}, Growth: &g}
}

func TestTheGoalsOfARowAreCheckedSeparately(t *testing.T) {
	t.Parallel()
	r := Row{Rate: 3000}.Against(4000).Wants("≥ 2,880/s", true).WantsShare(.8)
	if r.Share != .75 {
		t.Errorf("the share is %v, want .75", r.Share)
	}
	if !*r.Met {
		t.Error("the absolute goal is not met")
	}
	if *r.ShareMet {
		t.Error("the goal of the share is met")
	}
}

func TestTheTableShowsOnlyWhatWasMeasured(t *testing.T) {
	t.Parallel()
	lines := table(sampleReport().Rows)
	want := []string{"ticket list", "3000", "1.50", "9.00", "0.40", "0.20", "40", "90", "4000", "75 %", "41.7 KiB", "≥ 2,880/s", "yes", "≥ 80 %", "no"}
	if diff := cmp.Diff(want, lines[1]); diff != "" {
		t.Errorf("the row (-want +got):\n%s", diff)
	}
	if got := strings.Join(lines[2], ""); got != "page weight36 KiB" {
		t.Errorf("a row of one value is %q", got)
	}
}

func TestGrowthIsTheRatioOfTheLargestDeskToTheSmallest(t *testing.T) {
	t.Parallel()
	want := []string{"search", "2.00", "3.00", "1.50", "≤ 1.3", "no", "50 ms", "yes", ""}
	if diff := cmp.Diff(want, sampleReport().Growth.table()[1]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAPageWithFewerTicketsOnTheSmallestDeskHasNoGoalForItsRatio(t *testing.T) {
	t.Parallel()
	g := Growth{Tickets: []int{10_000, 1_000_000}, Rows: []GrowthRow{NewGrowthRow("of a team", []Millis{Millis(time.Millisecond), Millis(3 * time.Millisecond)}, []int{7, 50}, 5*time.Millisecond)}}
	want := []string{"of a team", "1.00", "3.00", "3.00", "≤ 1.3", "", "5 ms", "yes", "tickets shown: 7 and 50"}
	if diff := cmp.Diff(want, g.table()[1]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheJSONOfAReportIsReadBackAsItWas(t *testing.T) {
	t.Parallel()
	r := sampleReport()
	var out strings.Builder
	if err := r.WriteJSON(&out); err != nil {
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
	back, err := Read(file)
	if diff := cmp.Diff(r, back); err != nil || diff != "" {
		t.Errorf("%v, (-want +got):\n%s", err, diff)
	}
}

func TestTheTablesAreWrittenBetweenTheMarksOfAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "speed.md")
	if err := os.WriteFile(file, []byte("before\n"+markBegin+"old\n"+markEnd+"\nafter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := sampleReport().WriteInto(file); err != nil {
			t.Fatal(err)
		}
	}
	raw, _ := os.ReadFile(file)
	text := string(raw)
	if !strings.HasPrefix(text, "before\n") {
		t.Errorf("the text is %q, want the prefix %q", text, "before\n")
	}
	if !strings.HasSuffix(text, "\nafter\n") {
		t.Errorf("the text is %q, want the end %q", text, "\nafter\n")
	}
	for words, want := range map[string]int{"old": 0, "| ticket list |": 1} {
		if got := strings.Count(text, words); got != want {
			t.Errorf("the file contains %q %d times, want %d:\n%s", words, got, want, text)
		}
	}
	if err := os.WriteFile(file, []byte("no marks"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := sampleReport().WriteInto(file); err == nil {
		t.Error("a file without marks is changed")
	}
}
