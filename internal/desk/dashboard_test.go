package desk_test

import (
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

func TestDaysBeginAtMidnightOfTheDeskAlsoWhenClocksChange(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	// Clocks go back on 25 October 2026, so this day has 25 hours.
	now := time.Date(2026, 10, 26, 9, 0, 0, 0, berlin)
	h := newFixture(t, desk.Options{Location: berlin, Now: func() time.Time { return now }})
	for at, n := range map[string]int{
		"2026-10-24T22:00:00Z": 1,  // 00:00 on the 25th, summer time
		"2026-10-24T21:00:00Z": 2,  // 23:00 on the 24th
		"2026-10-25T22:00:00Z": 4,  // 23:00 on the 25th, winter time
		"2026-10-25T23:00:00Z": 8,  // 00:00 on the 26th
		"2026-09-26T21:00:00Z": 16, // the hour before the first of the 30 days
		"2026-09-26T22:00:00Z": 32, // the first of the 30 days begins
	} {
		h.exec("insert into ticket_hours (hour, shard, opened, resolved) values ($1, 3, $2, $2)", at, n)
	}
	board, err := h.Dashboard(t.Context(), h.person("ana", account.RoleAdmin))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{"2026-09-27": 32, "2026-10-24": 2, "2026-10-25": 5, "2026-10-26": 8}
	for i, d := range board.Days {
		name := d.Date.Format(time.DateOnly)
		if d.Opened != want[name] {
			t.Errorf("day %d: opened is %d, want %d", i, d.Opened, want[name])
		}
		if d.Resolved != want[name] {
			t.Errorf("day %d: resolved is %d, want %d", i, d.Resolved, want[name])
		}
	}
	if len(board.Days) != desk.TrendDays {
		t.Fatalf("got %d days, want %d: %+v", len(board.Days), desk.TrendDays, board.Days)
	}
	if got := board.Days[29].Date.Day(); got != 26 {
		t.Errorf("the day is %d, want 26", got)
	}
}
