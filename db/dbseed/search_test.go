package dbseed_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/db/dbseed"
	"frontdesk/internal/desk"
)

// pagesFull is how many tickets a search finds at least where that many match.
const pagesFull = 100

// searches looks for words of every frequency and holds what is found to what
// is there: nothing else, and all of it or as much as a search shows.
func searches(t *testing.T, h hotDesk) {
	// Words of one week are common among the last tickets, and rare before them.
	h.e.run(t, "update tickets set subject = subject || ' outage' where id > $1 or id <= 30", planTickets-20)
	for _, words := range []string{dbseed.Rare, dbseed.Old, "outage", dbseed.Common, "kadibe", "bababa kadibe", "bababa bebaba", "lolole", "lulolo", "lekobe", "bebaba lekobe", "nothinglikeit"} {
		query := `(t.id in (select ticket_id from ticket_words where search @@ plainto_tsquery('simple', $1)
				union select ticket_id from ticket_events where search @@ plainto_tsquery('simple', $1))
			or $2 and t.requester_id in (select id from users where username like '%' || $1 || '%'))`
		for _, of := range []struct {
			actor  desk.Actor
			filter desk.TicketFilter
			where  string
		}{
			{staff, desk.TicketFilter{}, "true"},
			{staff, desk.TicketFilter{Status: "RESOLVED", Priority: "Urgent"}, "status = 'RESOLVED' and priority = 'Urgent'"},
			{regular, desk.TicketFilter{}, "requester_id = 3"},
		} {
			of.filter.Q = words
			found := everyPage(t, h, of.actor, of.filter)
			rows, err := h.e.pool.Query(t.Context(), "select t.id from tickets t where "+of.where+" and "+query, words, of.actor.IsAdmin())
			if err != nil {
				t.Fatal(err)
			}
			there, err := pgx.CollectRows(rows, pgx.RowTo[int64])
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(there)
			for _, id := range found {
				if _, ok := slices.BinarySearch(there, id); !ok {
					t.Errorf("%q where %s: found %d, which does not hold the words", words, of.where, id)
				}
			}
			if len(found) < min(len(there), pagesFull) {
				t.Errorf("%q where %s: found %d of %d", words, of.where, len(found), len(there))
			}
			if slices.Sort(found); words == dbseed.Old && of.actor.IsAdmin() && !slices.Equal(found, there[max(len(there)-len(found), 0):]) {
				t.Errorf("%q where %s: found %d to %d, which are not the newest: those end at %d", words, of.where, found[0], found[len(found)-1], there[len(there)-1])
			}
			t.Logf("%q where %s: %d of %d", words, of.where, len(found), len(there))
		}
	}
}

func everyPage(t *testing.T, h hotDesk, actor desk.Actor, f desk.TicketFilter) (ids []int64) {
	t.Helper()
	for {
		p, err := h.Tickets(t.Context(), actor, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Rows {
			ids = append(ids, r.ID)
		}
		if f.After = p.After; f.After == "" {
			return ids
		}
	}
}
