package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"frontdesk/internal/listing"
	"frontdesk/internal/ticketquery"
)

func TestATicketFoundByNumberComesFirst(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 30)
	mention := w.open(w.customer, "invoice 2207", "see #20, the ticket is broken")
	for _, q := range []string{"20", "#20", "# 20", "＃２０", "２０", "№ 20", "№20", "٢٠", "ticket #20", "ticket ＃２０ please", "(#20)", "#20.", "#20, #3", "nothing like it #20", "ticket 20", "Ticket  no. 20", "TICKET NUMBER 20"} {
		for _, sort := range []string{ticketquery.SortUpdated, ticketquery.SortOldest} {
			p, err := w.desk.Lists.Page(t.Context(), w.admin, ticketquery.Filter{Q: q, Sort: sort})
			if err != nil {
				t.Fatalf("%q by %s: %v", q, sort, err)
			}
			if len(p.Rows) == 0 {
				t.Fatalf("%q by %s: got %d rows, want another number: %+v", q, sort, len(p.Rows), p.Rows)
			}
			if p.Rows[0].ID != 20 {
				t.Errorf("%q by %s: the ID is %d, want 20", q, sort, p.Rows[0].ID)
			}
		}
	}
	for q, want := range map[string][]int64{
		"broken #20": {20, mention}, "#20, #3": {20, 3}, "#3 #20 #3": {3, 20}, "invoice 2207": {mention}, "invoice 22": {mention}, "invoice 30": {}, "#20a": {}, "20 30": {}, "#200000": {}, "x20": {},
	} {
		p, err := w.desk.Lists.Page(t.Context(), w.admin, ticketquery.Filter{Q: q})
		if err != nil || !slices.Equal(ids(p.Rows), want) {
			t.Errorf("%q: got %v, %v, want %v", q, ids(p.Rows), err, want)
		}
	}
}

func TestATicketNumberIsFoundOnlyWithAccessAndWithinTheFilter(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 30)
	id := w.open(w.customer, "A lamp", "is broken")
	q := fmt.Sprintf("lamp #%d", id)
	if p, err := w.desk.Lists.Page(t.Context(), w.other, ticketquery.Filter{Q: q}); err != nil || len(p.Rows) != 0 {
		t.Errorf("another customer: got %v, %v, want none", ids(p.Rows), err)
	}
	if p, err := w.desk.Lists.Page(t.Context(), w.customer, ticketquery.Filter{Q: q}); err != nil || !slices.Equal(ids(p.Rows), []int64{id}) {
		t.Errorf("the requester: got %v, %v, want %d once", ids(p.Rows), err, id)
	}
	if p, err := w.desk.Lists.Page(t.Context(), w.admin, ticketquery.Filter{Q: q, Status: "CLOSED"}); err != nil || len(p.Rows) != 0 {
		t.Errorf("among closed tickets: got %v, %v, want none", ids(p.Rows), err)
	}
}

func TestATicketFoundByNumberIsOnTheFirstPageOnly(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, listing.PageSize+20)
	f := ticketquery.Filter{Q: "words #7"}
	w.fixture.exec("update search_tickets set terms = terms || '''0:7'''::tsvector") // all texts have both words
	first, err1 := w.desk.Lists.Page(t.Context(), w.admin, f)
	f.After = first.After
	second, err2 := w.desk.Lists.Page(t.Context(), w.admin, f)
	f.After, f.Before = "", second.Before
	again, err3 := w.desk.Lists.Page(t.Context(), w.admin, f)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	if n := len(first.Rows) + len(second.Rows); n != listing.PageSize+20 {
		t.Errorf("got %d tickets on two pages, want %d", n, listing.PageSize+20)
	}
	if slices.Contains(ids(second.Rows), 7) {
		t.Error("got ticket 7 on the second page, want it only on the first")
	}
	if !slices.Equal(ids(first.Rows), ids(again.Rows)) {
		t.Errorf("got %v after going back, want %v", ids(again.Rows), ids(first.Rows))
	}
}

func TestTheAPIFindsATicketByNumberAmongWords(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 30)
	for _, q := range []string{"20", "lamp #20", "№ 20"} {
		var got []int64
		err := w.desk.Lists.Each(t.Context(), w.admin, ticketquery.Filter{Q: q}, 0, listing.Visitor[ticketquery.FeedTicket]{Entry: func(f ticketquery.FeedTicket) error {
			got = append(got, f.ID)
			return nil
		}})
		if err != nil || !slices.Contains(got, 20) {
			t.Errorf("%q: got %v, %v, want ticket 20 among them", q, got, err)
		}
	}
}
