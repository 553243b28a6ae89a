package ticketquery

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"frontdesk/internal/account"
)

// shownCounts returns the counts of filters as pages show them.
func (s *Service) shownCounts(t *testing.T, actor account.Actor, filters ...Filter) (shown []string) {
	t.Helper()
	counts, err := s.Counts(t.Context(), actor, filters)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range counts {
		shown = append(shown, c.String())
	}
	return shown
}

func TestEachFilterIsCountedLikeItsList(t *testing.T) {
	t.Parallel()
	s := newLists(t)
	for _, c := range filterTests {
		want := fmt.Sprint(len(c.want))
		if c.f.Q != "" {
			want = "" // searches are not counted
		}
		// The others show that parameters of several counts do not mix.
		if got := s.shownCounts(t, c.actor, Filter{Status: "CLOSED"}, c.f, Filter{Priority: "Urgent", Status: "CLOSED"}); got[1] != want {
			t.Errorf("%s: got %q, want %q", c.name, got[1], want)
		}
	}
}

func TestCountsEndAt500(t *testing.T) {
	t.Parallel()
	s := newLists(t)
	exec(t, s.pool, `insert into tickets (requester_id, subject, description, category_id, priority, submission_id, submission_hash)
		select 2, 'A lamp', 'A text.', 2, case when n <= 500 then 'Low' else 'Medium' end::ticket_priority, n::text, '' from generate_series(1, 1001) n`)
	if got, want := s.shownCounts(t, staff, Filter{Category: "Technical", Priority: "Low"}, Filter{Category: "Technical", Priority: "Medium"}), []string{"500", "500+"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestACountIsUsedAgainForTenSeconds(t *testing.T) {
	t.Parallel()
	s := newLists(t)
	now := noon
	s.now = func() time.Time { return now }
	high := Filter{Priority: "High"}
	for _, step := range []struct {
		after time.Duration
		actor account.Actor
		want  string
	}{{0, staff, "2"}, {0, account.Actor{ID: 9, Role: account.RoleAdmin}, "2"}, {0, ana, "1"}, {9 * time.Second, staff, "2"}, {time.Second, staff, "0"}, {0, ana, "0"}} {
		now = now.Add(step.after)
		if got := s.shownCounts(t, step.actor, high); got[0] != step.want {
			t.Errorf("at %s for user %d: got %s, want %s", now.Sub(noon), step.actor.ID, got[0], step.want)
		}
		if step.actor.ID == anaID {
			exec(t, s.pool, "update tickets set priority = 'Low'")
		}
	}
}

func TestALateCountDelaysNoPageAndNoOtherCount(t *testing.T) {
	t.Parallel()
	s := newLists(t)
	now := noon
	s.now = func() time.Time { return now }
	tx, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if _, err := tx.Exec(t.Context(), "lock table tickets in access exclusive mode"); err != nil {
		t.Fatal(err)
	}
	views := []Filter{{Priority: "High"}, {Priority: "Low"}, {Q: "lamp"}}
	if got, want := s.shownCounts(t, staff, views...), []string{"–", "–", ""}; !slices.Equal(got, want) {
		t.Errorf("while the table is locked: got %q, want %q", got, want)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := s.shownCounts(t, staff, views...), []string{"–", "–", ""}; !slices.Equal(got, want) {
		t.Errorf("at once after that: got %q, want %q", got, want)
	}
	now = now.Add(countAge)
	if got, want := s.shownCounts(t, staff, views...), []string{"2", "1", ""}; !slices.Equal(got, want) {
		t.Errorf("after ten seconds: got %q, want %q", got, want)
	}
}

func TestTheCacheOfCountsIsBounded(t *testing.T) {
	t.Parallel()
	var c countCache
	for i := range 3 * maxCounts {
		q := countQuery{query: newQuery("Count")}
		q.args["n"] = i
		c.write(q, Count{}, noon.Add(time.Duration(i)*time.Millisecond))
		if len(c.last) > maxCounts {
			t.Fatalf("got %d counts, want at most %d", len(c.last), maxCounts)
		}
	}
}
