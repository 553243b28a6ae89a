package desk_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
)

// countersAgree compares every counter that writes update with a count of the rows.
func (h fixture) countersAgree() {
	h.t.Helper()
	for what, sql := range map[string]string{
		"ticket_counts": `select count(*) from (
			select status, priority, category_id, count(*) as n from tickets where deleted_at is null group by 1, 2, 3
		) t full join (
			select status, priority, category_id, sum(n) as n from ticket_counts group by 1, 2, 3
		) c using (status, priority, category_id) where coalesce(t.n, 0) <> coalesce(c.n, 0)`,
		"opened by the hour": `select count(*) from (
			select date_trunc('hour', created_at) as hour, count(*) as n from tickets group by 1
		) t full join (select hour, sum(opened) as n from ticket_hours group by 1) h using (hour) where coalesce(t.n, 0) <> coalesce(h.n, 0)`,
		"resolved by the hour": `select count(*) from (
			select date_trunc('hour', created_at) as hour, count(*) as n from ticket_events where kind = 'status' and data ->> 'to' = 'RESOLVED' group by 1
		) t full join (select hour, sum(resolved) as n from ticket_hours group by 1) h using (hour) where coalesce(t.n, 0) <> coalesce(h.n, 0)`,
		"comment_count": `select count(*) from tickets t where comment_count <>
			(select count(*) from ticket_events e where e.ticket_id = t.id and e.kind = 'comment')`,
		"file_count": `select count(*) from tickets t where file_count <>
			(select count(*) from attachments a where a.ticket_id = t.id and a.removed_at is null)`,
		"last_seq": `select count(*) from tickets t where last_seq <> (select max(seq) from ticket_events e where e.ticket_id = t.id)`,
		"waiting":  `select count(*) from tickets where waiting_since is not null and status in ('RESOLVED', 'CLOSED')`,
	} {
		if n := h.number(sql); n != 0 {
			h.t.Errorf("%s differs from the rows in %d cases", what, n)
		}
	}
}

func TestCountersEqualTheRowsAfterRandomChanges(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{Limits: limit.Limits{SignIn: limit.Defaults.SignIn}})
	admin := h.person("ana", account.RoleAdmin)
	var wg sync.WaitGroup
	for walker := range 4 {
		customer := h.person(fmt.Sprint("customer", walker), account.RoleCustomer)
		wg.Go(func() { h.walk(rand.New(rand.NewPCG(7, uint64(walker))), customer, admin) })
	}
	wg.Wait()
	h.countersAgree()
	board, err := h.Dashboard(t.Context(), admin)
	if err != nil {
		t.Fatal(err)
	}
	var shown, opened int64
	for _, n := range board.ByStatus {
		shown += n
	}
	for _, d := range board.Days {
		opened += d.Opened
	}
	if there := h.number("select count(*) from tickets where deleted_at is null"); shown != there {
		t.Errorf("the dashboard counts %d of %d tickets", shown, there)
	}
	if all := h.number("select count(*) from tickets"); opened != all {
		t.Errorf("the trend has %d of %d tickets", opened, all)
	}
}

// walk does a hundred random actions. Some of them are refused.
func (h fixture) walk(r *rand.Rand, customer, admin account.Actor) {
	var mine []int64
	for i := range 100 {
		if len(mine) == 0 || r.IntN(4) == 0 {
			t, err := h.Tickets.Open(h.t.Context(), customer, desk.TicketInput{Subject: "Walk", Description: "On", SubmissionID: fmt.Sprint(i),
				Category: fmt.Sprint(1 + r.IntN(3)), Priority: string(desk.Priorities()[r.IntN(4)])})
			if err != nil {
				h.t.Error(err)
				return
			}
			mine = append(mine, t.ID)
			continue
		}
		h.step(r, customer, admin, mine[r.IntN(len(mine))])
	}
}

// step does one random action on a ticket. It ignores errors, because some actions are not
// allowed.
func (h fixture) step(r *rand.Rand, customer, admin account.Actor, id int64) {
	ctx := h.t.Context()
	status := string(desk.Statuses()[r.IntN(4)])
	switch r.IntN(7) {
	case 0:
		_ = h.Tickets.Delete(ctx, customer, id)
	case 1:
		_ = h.Tickets.Restore(ctx, admin, id)
	case 2:
		_, _ = h.Comments.Add(ctx, customer, id, desk.CommentInput{Text: "and then"})
	case 3:
		_, _ = h.Comments.Add(ctx, admin, id, desk.CommentInput{Text: "so", Then: "resolved"})
	case 4:
		_, _ = h.Tickets.SetStatus(ctx, admin, id, desk.StatusInput{Status: status})
	case 5:
		if t, err := h.Tickets.Get(ctx, admin, id); err == nil {
			_, _ = h.Tickets.Triage(ctx, admin, id, desk.TriageInput{Status: status, Priority: string(desk.Priorities()[r.IntN(4)]), Category: fmt.Sprint(1 + r.IntN(3)), Version: int(t.Version)})
		}
	case 6:
		if t, err := h.Tickets.Get(ctx, customer, id); err == nil {
			_, _ = h.Tickets.Edit(ctx, customer, id, desk.EditInput{TicketInput: desk.TicketInput{Subject: "Other", Description: "On",
				Category: fmt.Sprint(1 + r.IntN(3)), Priority: string(desk.Priorities()[r.IntN(4)])}, Version: int(t.Version)})
		}
	}
}

func TestLateTicketsAreCountedUpToALimit(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	h := newFixture(t, desk.Options{Now: func() time.Time { return now }})
	admin, customer := h.person("ana", account.RoleAdmin), h.person("cleo", account.RoleCustomer)
	h.exec(`insert into tickets (requester_id, subject, description, category_id, priority, waiting_since, submission_id, submission_hash)
		select $1, 'Late ' || i, 'x', 1, 'Low', $2::timestamptz - make_interval(hours => 22 + i), i, '' from generate_series(1, 110) i`, customer.ID, now)
	board, err := h.Dashboard(t.Context(), admin)
	if err != nil {
		t.Fatal(err)
	}
	if board.Overdue.String() != "99+" {
		t.Errorf(`%q are overdue, want "99+"`, board.Overdue.String())
	}
	if len(board.Waiting) != 5 {
		t.Fatalf("got %d elements, want 5: %+v", len(board.Waiting), board.Waiting)
	}
	if board.Waiting[0].Subject != "Late 110" {
		t.Errorf(`the subject is %q, want "Late 110"`, board.Waiting[0].Subject)
	}
	h.exec("update tickets set deleted_at = now() where id % 2 = 0 or id > 20")
	if board, err = h.Dashboard(t.Context(), admin); err != nil || board.Overdue.String() != "9" {
		t.Errorf("%s overdue, %v", board.Overdue, err) // 3, 5, … 19 are late; the first two wait for 23 and 24 hours
	}
}
