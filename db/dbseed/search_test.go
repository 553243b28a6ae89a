package dbseed_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"frontdesk/db/dbseed"
	"frontdesk/internal/account"
	"frontdesk/internal/ticketquery"
)

// pagesFull is the number of tickets that a search finds at least if so many match.
const pagesFull = 100

// sought is a search with the strings that a matching text contains. The text is composed (NFC)
// and has a space at each end.
type sought struct {
	q     string
	holds []string
}

// latin returns a search for words. The last one may be a prefix.
func latin(q string) sought {
	words := strings.Fields(q)
	for i, w := range words {
		words[i] = " " + w
		if i < len(words)-1 {
			words[i] += " "
		}
	}
	return sought{q, words}
}

var soughts = []sought{
	latin(dbseed.Rare), latin(dbseed.Old), latin("outage"), latin(dbseed.Common), latin("kadibe"), latin("bababa kadibe"), latin("bababa bebaba"),
	latin("lolole"), latin("lulolo"), latin("lekobe"), latin("bebaba lekobe"), latin("nothinglikeit"), latin("nothinglikeit b"),
	latin(dbseed.Rare + " b"), latin(dbseed.Rare + " bab"), latin(dbseed.Common + " qua"), latin(dbseed.Rare + " " + dbseed.Common), latin("b"),
	{dbseed.Chinese, []string{"上海"}}, {"海", []string{"海"}}, {"边", []string{"边"}}, {"在上海东", []string{"在上海东"}}, {dbseed.ChinesePhrase + " b", []string{"我家在上海东边", " b"}},
	{"海上", []string{"海上"}}, {"我家在海上", []string{"我家在海上"}}, {"海 b", []string{"海", " b"}},
	{dbseed.Accented, []string{" problème"}}, {dbseed.Unaccented, []string{" problème"}}, {"PROBLE\u0300ME", []string{" problème"}},
}

// listed is a ticket with its texts and the name of the requester.
type listed struct {
	id, requester          int64
	status, priority, name string
	texts                  []string
}

// read reads the tickets from first to last.
func read(t *testing.T, e *explainer, first, last int) []listed {
	t.Helper()
	rows, err := e.pool.Query(t.Context(), `select t.id, t.requester_id, t.status::text, t.priority::text, u.username,
			array[t.subject || ' ' || t.description] || array(select e.body from ticket_events e where e.ticket_id = t.id and e.kind = 'comment')
		from tickets t join users u on u.id = t.requester_id where t.id between $1 and $2 order by t.id`, first, last)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l listed, err error) {
		err = row.Scan(&l.id, &l.requester, &l.status, &l.priority, &l.name, &l.texts)
		for i, text := range l.texts {
			l.texts[i] = norm.NFC.String(" " + text + " ")
		}
		return l, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// has reports whether one text of the ticket contains all parts of the search.
func (l listed) has(s sought) bool {
	return slices.ContainsFunc(l.texts, func(text string) bool {
		return !slices.ContainsFunc(s.holds, func(part string) bool { return !strings.Contains(text, part) })
	})
}

// isFound reports whether a search by the actor finds the ticket: staff also find the name of its
// requester, if they search for more than two letters.
func (l listed) isFound(actor account.Actor, s sought) bool {
	return l.has(s) || actor.Can(account.SeeAllTickets) && len(s.q) > 2 && strings.Contains(l.name, s.q)
}

// searches searches for words of every frequency and compares the results with the tickets: no
// other ticket is found, and all matching ones, or as many as a search shows.
func searches(t *testing.T, h hotDesk) {
	// Some words are frequent in the newest tickets and rare in older ones.
	h.e.run(t, "update tickets set subject = subject || ' outage' where id > $1 or id <= 30", planTickets-20)
	var all []listed
	for first := 1; first <= planTickets; first += 5000 {
		all = append(all, read(t, h.e, first, first+4999)...)
	}
	for _, s := range soughts {
		for _, of := range []struct {
			actor  account.Actor
			filter ticketquery.Filter
			among  func(listed) bool
		}{
			{staff, ticketquery.Filter{}, func(listed) bool { return true }},
			{staff, ticketquery.Filter{Status: "RESOLVED", Priority: "Urgent"}, func(l listed) bool { return l.status == "RESOLVED" && l.priority == "Urgent" }},
			{regular, ticketquery.Filter{}, func(l listed) bool { return l.requester == regular.ID }},
		} {
			var there []int64
			for _, l := range all {
				if of.among(l) && l.isFound(of.actor, s) {
					there = append(there, l.id)
				}
			}
			of.filter.Q = s.q
			compare(t, of.filter, everyPage(t, h, of.actor, of.filter), there, of.actor.Can(account.SeeAllTickets) && s.q == dbseed.Old)
		}
	}
}

// compare fails the test if found has a ticket that is not in there, has too few tickets or, with
// newest, does not have the newest.
func compare(t *testing.T, f ticketquery.Filter, found, there []int64, newest bool) {
	t.Helper()
	slices.Sort(found)
	for _, id := range found {
		if _, ok := slices.BinarySearch(there, id); !ok {
			t.Errorf("%q of %q: found %d, which does not contain the words", f.Q, f.Status, id)
		}
	}
	if len(found) < min(len(there), pagesFull) {
		t.Errorf("%q of %q: found %d of %d", f.Q, f.Status, len(found), len(there))
	}
	if newest && !slices.Equal(found, there[max(len(there)-len(found), 0):]) {
		t.Errorf("%q of %q: found %d to %d, which are not the newest: those end at %d", f.Q, f.Status, found[0], found[len(found)-1], there[len(there)-1])
	}
	t.Logf("%q of %q: %d of %d", f.Q, f.Status, len(found), len(there))
}

// everyPage returns the ids of all pages of a list, in order.
func everyPage(t *testing.T, h hotDesk, actor account.Actor, f ticketquery.Filter) (ids []int64) {
	t.Helper()
	for {
		p, err := h.Lists.Page(t.Context(), actor, f)
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
