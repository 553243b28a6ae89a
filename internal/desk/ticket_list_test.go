package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/listing"
	"frontdesk/internal/ticketquery"
)

// walk reads a whole list forwards, then back again from its end, and returns both.
func walk(t *testing.T, d *desk.Desk, actor account.Actor, f ticketquery.Filter) (there, back []int64) {
	t.Helper()
	for range 50 {
		p, err := d.Lists.Page(t.Context(), actor, f)
		if err != nil {
			t.Fatal(err)
		}
		var ids []int64
		for _, r := range p.Rows {
			ids = append(ids, r.ID)
		}
		there = append(there, ids...)
		if p.After == "" {
			return there, walkBack(t, d, actor, p, ids)
		}
		f.After = p.After
	}
	t.Fatal("the list does not end")
	return nil, nil
}

// walkBack returns the ids of a page, followed by those of all pages before it.
func walkBack(t *testing.T, d *desk.Desk, actor account.Actor, p ticketquery.Page, last []int64) []int64 {
	t.Helper()
	back := last
	for p.Before != "" {
		f := p.Filter
		f.Before = p.Before
		var err error
		if p, err = d.Lists.Page(t.Context(), actor, f); err != nil {
			t.Fatal(err)
		}
		var ids []int64
		for _, r := range p.Rows {
			ids = append(ids, r.ID)
		}
		back = append(ids, back...)
	}
	return back
}

func TestEveryOrderIsPagedCompletelyInBothDirections(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 120)
	for _, sort := range []string{"", ticketquery.SortCreated, ticketquery.SortOldest, ticketquery.SortUrgent, ticketquery.SortWaiting} {
		for _, status := range []string{"", ticketquery.FilterActive, "OPEN", "RESOLVED"} {
			f := ticketquery.Filter{Sort: sort, Status: status}
			there, back := walk(t, w.desk, w.admin, f)
			if !slices.Equal(there, back) {
				t.Errorf("%+v: %d forwards, %d backwards", f, len(there), len(back))
			}
			seen := map[int64]bool{}
			for _, id := range there {
				if seen[id] {
					t.Errorf("%+v: #%d twice", f, id)
				}
				seen[id] = true
			}
			if status == "" && sort != ticketquery.SortWaiting && len(there) != 120 {
				t.Errorf("%+v: %d of 120", f, len(there))
			}
		}
	}
}

func TestTheListOfACustomerHasOnlyTheirTickets(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 60)
	for _, f := range []ticketquery.Filter{{}, {Sort: ticketquery.SortOldest}, {Status: "OPEN"}, {Q: "words"}, {Q: "1"}, {Requester: strconv.FormatInt(w.other.ID, 10)}, {Q: w.other.Email}, {Status: ticketquery.FilterWaiting}} {
		there, _ := walk(t, w.desk, w.customer, f)
		for _, id := range there {
			if !w.own[id] {
				t.Errorf("%+v shows #%d", f, id)
			}
		}
	}
	if all, _ := walk(t, w.desk, w.customer, ticketquery.Filter{}); len(all) != len(w.own) {
		t.Errorf("%d of %d own tickets", len(all), len(w.own))
	}
	counts, err := w.desk.Lists.OwnCounts(t.Context(), w.customer)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, n := range counts {
		sum += n
	}
	if sum != len(w.own) {
		t.Errorf("the counts have %d of %d", sum, len(w.own))
	}
}

func TestTheCountsOfAListDoNotDependOnItsLength(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, listing.PageSize-1)
	for len(w.own) <= listing.PageSize+1 {
		list, err1 := w.desk.Lists.List(t.Context(), w.customer, ticketquery.Filter{})
		counts, err2 := w.desk.Lists.OwnCounts(t.Context(), w.customer)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		for status, n := range counts {
			if list.Counts[status] != n {
				t.Errorf("of %d tickets, the list counts %d %s, want %d", len(w.own), list.Counts[status], status, n)
			}
		}
		w.open(w.customer, "One more", "It came later.")
	}
}

func TestASearchReportsThatItIsCapped(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 101)
	for _, c := range []struct {
		who    account.Actor
		q      string
		capped bool
	}{{w.admin, "words", true}, {w.admin, "words 7", false}, {w.admin, "", false}, {w.customer, "words", false}} {
		p, err := w.desk.Lists.Page(t.Context(), c.who, ticketquery.Filter{Q: c.q})
		if err != nil {
			t.Fatal(err)
		}
		if p.Capped != c.capped {
			t.Errorf("%s searches for %q: capped %t", c.who.Username, c.q, p.Capped)
		}
	}
}

func TestSearchFindsWordsPrefixesNumbersCommentsAndNames(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 4)
	id := w.open(w.customer, "The squeaking brake", "It began in Köln, at 50%_off. Error E-14, <blink>; see tuva.example/a_report.pdf, it weighs 10.5 kg")
	comment(t, w.desk, w.admin, id, "Try a drop of oil on the calliper")
	for q, hit := range map[string]bool{
		"squeaking": true, "squeak": true, "SQUEAKING brake": true, "brake köln": true, fmt.Sprintf("#%d", id): true, strconv.FormatInt(id, 10): true,
		"calliper": true, "oil-on": true, "E-14": true, "14": true, "blink": true, "tuva.example": true, "example": true, "pdf": true, "report.p": true, "10.5": true,
		"e-15": false, "\u0301": false, strings.Repeat("brake ", 30): true, "squeaking nonsense": false, "'": false, "& | ! ( ) <-> :*": false, "%": false, "\x00": false, "\xff": false,
		w.customer.Email: true, w.customer.Username: true,
	} {
		p, err := w.desk.Lists.Page(t.Context(), w.admin, ticketquery.Filter{Q: q})
		if err != nil {
			t.Fatalf("%q: %v", q, err)
		}
		got := slices.ContainsFunc(p.Rows, func(r ticketquery.Row) bool { return r.ID == id })
		if p.Filter.Q != "" && got != hit {
			t.Errorf("%q: found %v", q, got)
		}
	}
	for _, q := range []string{"squeaking", "calliper", fmt.Sprint(id), w.customer.Username} {
		p, err := w.desk.Lists.Page(t.Context(), w.other, ticketquery.Filter{Q: q})
		if err != nil || len(p.Rows) != 0 {
			t.Errorf("%q finds a ticket of another user: %v, %v", q, p.Rows, err)
		}
	}
}

func TestAWordOfAnyLengthIsIndexed(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 1)
	for _, n := range []int{1023, 2000, 2040, 2041, 2042, 2043, 2044, 2045, 2046, 2047, 5000} { // the longest term of PostgreSQL has 2,046 bytes
		id := w.open(w.customer, "A log", "a brake "+strings.Repeat("m", n)+" z")
		comment(t, w.desk, w.admin, id, "a calliper "+strings.Repeat("m", n)+" z")
	}
	if n := w.fixture.number(`select count(*) from (select terms from search_tickets union all select terms from search_comments) x, unnest(terms) where lexeme !~ '^0:.'`); n > 0 {
		t.Errorf("got %d terms without a word, want 0", n)
	}
	for _, word := range []string{"brake", "calliper", "z"} {
		p, err := w.desk.Lists.Page(t.Context(), w.admin, ticketquery.Filter{Q: word + " " + strings.Repeat("m", 150)})
		if err != nil || len(p.Rows) != 11 {
			t.Errorf("%s beside a long word: got %d tickets, %v, want 11", word, len(p.Rows), err)
		}
	}
}

func TestInvalidFilterValuesAreIgnored(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 3)
	for _, f := range []ticketquery.Filter{{Status: "x"}, {Sort: "'; drop"}, {Category: "-1"}, {Priority: "Huge"}, {After: "!!"}, {After: "AAAA", Before: "AAAA"}, {Requester: "9e9"}, {Category: "99999999999999999999"}} {
		p, err := w.desk.Lists.Page(t.Context(), w.admin, f)
		if err != nil || len(p.Rows) != 3 {
			t.Errorf("%+v: %d rows, %v", f, len(p.Rows), err)
		}
	}
}

// listWorld is a desk with tickets of two customers in all states.
type listWorld struct {
	t                      *testing.T
	fixture                fixture
	desk                   *desk.Desk
	admin, customer, other account.Actor
	own                    map[int64]bool
}

// newListWorld returns a desk with n tickets of two customers, in all statuses and
// priorities.
func newListWorld(t *testing.T, n int) *listWorld {
	t.Helper()
	h := newFixture(t, desk.Options{})
	w := &listWorld{t: t, fixture: h, desk: h.Desk, own: map[int64]bool{},
		admin: h.person("Priya", account.RoleAdmin), customer: h.person("Ana", account.RoleCustomer), other: h.person("Oluwaseun", account.RoleCustomer)}
	statuses, priorities := desk.Statuses(), desk.Priorities()
	for i := range n {
		who := w.customer
		if i%2 == 0 {
			who = w.other
		}
		id := w.open(who, fmt.Sprintf("Ticket %d", i), "words")
		h.exec(`update tickets set status = $2::ticket_status, priority = $3::ticket_priority,
			waiting_since = case when $2 in ('OPEN', 'IN_PROGRESS') and $4::boolean then updated_at end where id = $1`,
			id, statuses[i%4], priorities[i/2%4], i%3 == 0)
	}
	// Some have the same time, so that the ID decides the order.
	h.exec("update tickets set updated_at = now(), created_at = now(), waiting_since = case when waiting_since is not null then now() end where id % 3 = 0")
	return w
}

// open opens a ticket and returns its id.
func (w *listWorld) open(who account.Actor, subject, description string) int64 {
	w.t.Helper()
	made, err := w.desk.Tickets.Open(w.t.Context(), who, desk.TicketInput{Subject: subject, Description: description, Category: "General", Priority: "Low", SubmissionID: fmt.Sprint("s", time.Now().UnixNano())})
	if err != nil {
		w.t.Fatal(err)
	}
	if who.ID == w.customer.ID {
		w.own[made.ID] = true
	}
	return made.ID
}

// comment adds a comment to a ticket.
func comment(t *testing.T, d *desk.Desk, who account.Actor, id int64, text string) {
	t.Helper()
	if _, err := d.Comments.Add(t.Context(), who, id, desk.CommentInput{Text: text}); err != nil {
		t.Fatal(err)
	}
}
