package desk

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db/dbtest"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
)

// ticketFixture is a desk with a ticket of Ana, another customer and two members of staff.
type ticketFixture struct {
	*testing.T
	desk                   *Desk
	pool                   *pgxpool.Pool
	now                    *time.Time
	ana, boris, priya, tom account.Actor
	ticket                 int64
}

// newTicketFixture returns a desk with two customers, two admins and a ticket of the first
// customer.
func newTicketFixture(t *testing.T) *ticketFixture {
	t.Helper()
	pool := dbtest.New(t)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	k := &ticketFixture{T: t, pool: pool, now: &now}
	k.desk = New(pool, Options{Now: func() time.Time { return *k.now }})
	k.desk.SetFirstReplyAssigns(t, false)
	k.ana, k.boris = k.person("ana", account.RoleCustomer), k.person("boris", account.RoleCustomer)
	k.priya, k.tom = k.person("priya", account.RoleAdmin), k.person("tom", account.RoleAdmin)
	k.ticket = k.open(k.ana, "first")
	return k
}

// person creates an account without a usable password.
func (k *ticketFixture) person(name string, role account.Role) account.Actor {
	k.Helper()
	return AddPerson(k, k.pool, name, role)
}

// open opens a ticket and returns its ID.
func (k *ticketFixture) open(by account.Actor, subject string) int64 {
	k.Helper()
	ticket, err := k.desk.Tickets.Open(k.Context(), by, TicketInput{Subject: subject, Description: "What happened.", Category: "Billing", Priority: "Medium", SubmissionID: subject})
	k.must(err)
	return ticket.ID
}

// exec executes a statement.
func (k *ticketFixture) exec(sql string, args ...any) {
	k.Helper()
	Exec(k, k.pool, sql, args...)
}

// must fails the test if err is not nil.
func (k *ticketFixture) must(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

// comment adds a comment to the fixture's ticket.
func (k *ticketFixture) comment(by account.Actor, in CommentInput) Event {
	k.Helper()
	e, err := k.desk.Comments.Add(context.Background(), by, k.ticket, in)
	k.must(err)
	return e
}

// timeline returns the newest page of the timeline of the fixture's ticket.
func (k *ticketFixture) timeline(by account.Actor) Timeline {
	k.Helper()
	tl, err := k.desk.Log.Timeline(context.Background(), by, k.ticket, TimelineRange{})
	k.must(err)
	return tl
}

// log returns the log of the ticket in short form: "2 comment priya".
func (k *ticketFixture) log() []string {
	k.Helper()
	var out []string
	for _, e := range k.timeline(k.priya).Entries {
		s := fmt.Sprintf("%d %s %s", e.Seq, e.Kind, e.Author)
		switch e.Kind {
		case event.KindStatus:
			c := e.Status()
			s += fmt.Sprintf(" %s>%s %s", c.From, c.To, c.Why)
		case event.KindField:
			c := e.Field()
			s += fmt.Sprintf(" %s %s>%s", c.Field, c.From, c.To)
		}
		out = append(out, s)
	}
	return out
}
