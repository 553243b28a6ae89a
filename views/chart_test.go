package views

import (
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/internal/desk"
)

// days returns consecutive days with the numbers of opened and resolved tickets.
func days(pairs ...[2]int64) []desk.Day {
	var out []desk.Day
	for i, p := range pairs {
		out = append(out, desk.Day{Date: time.Date(2026, 11, 20+i, 0, 0, 0, 0, time.UTC), Opened: p[0], Resolved: p[1]})
	}
	return out
}

func TestTheChartShowsTheNumbersOfItsTable(t *testing.T) {
	var b strings.Builder
	if err := Trend(days([2]int64{10, 0}, [2]int64{0, 5}, [2]int64{0, 0})).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	for selector, want := range map[string]string{"rect.up": "0 100", "rect.down": "101 50"} {
		bars := doc.Find(selector)
		got := bars.AttrOr("y", "") + " " + bars.AttrOr("height", "")
		if got := bars.Length(); got != 1 {
			t.Errorf("%s: got %d bars, want 1", selector, got)
		}
		if got != want {
			t.Errorf("%s: the first bar is at %q, want %q", selector, got, want)
		}
	}
	if label := doc.Find("svg[role=img]").AttrOr("aria-label", ""); label != "Bar chart: 10 tickets opened and 5 resolved in 3 days; in the last week more were opened than resolved." {
		t.Errorf("label %q", label)
	}
	var cells []string
	for _, cell := range doc.Find("tbody th, tbody td").EachIter() {
		cells = append(cells, cell.Text())
	}
	if got := strings.Join(cells, " "); got != "20 Nov 10 0 21 Nov 0 5 22 Nov 0 0" {
		t.Errorf("table %q", got)
	}
	if strings.Contains(b.String(), "style=") {
		t.Error("the policy of content forbids style attributes")
	}
}

func TestTheAxisEndsAtARoundNumber(t *testing.T) {
	for most, want := range map[int64]int64{0: 4, 3: 4, 7: 8, 22: 25, 26: 30, 31: 40, 101: 120, 9999: 10000} {
		if got := roundUp(most); got != want {
			t.Errorf("up to %d the axis ends at %d, want %d", most, got, want)
		}
	}
}
