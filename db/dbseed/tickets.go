package dbseed

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
)

// eventsEach is the mean number of entries of a ticket.
const eventsEach = 5

// maker makes the rows of one batch of tickets.
type maker struct {
	words
	others      words // for what is not in English
	o           Options
	first, last int
	tickets     [][]any
	events      [][]any
	reads       [][]any
	files       [][]any
	counters
}

func newMaker(o Options, first int) *maker {
	return &maker{words: words{rand.New(rand.NewPCG(1, uint64(first)))}, others: words{rand.New(rand.NewPCG(2, uint64(first)))}, o: o, first: first, last: min(o.Tickets, first+batch-1),
		counters: counters{tickets: map[bin]int64{}, hours: map[time.Time][2]int64{}}}
}

// copyTo makes the rows and writes them.
func (m *maker) copyTo(ctx context.Context, c *pgx.Conn) error {
	for id := m.first; id <= m.last; id++ {
		m.ticket(id)
	}
	if err := copyRows(ctx, c, "tickets", m.tickets, "id", "requester_id", "subject", "description", "category_id", "priority", "status",
		"last_seq", "comment_count", "file_count", "waiting_since", "submission_id", "submission_hash", "created_at", "updated_at", "team_id", "assignee_id"); err != nil {
		return err
	}
	if err := copyRows(ctx, c, "ticket_events", m.events, "ticket_id", "seq", "kind", "author_id", "body", "created_at"); err != nil {
		return err
	}
	if err := copyRows(ctx, c, "ticket_reads", m.reads, "ticket_id", "user_id", "seq", "unread"); err != nil {
		return err
	}
	if err := copyRows(ctx, c, "attachments", m.files, "id", "name", "ticket_id", "seq", "user_id", "submission_id",
		"filename", "content_type", "size", "sha256", "created_at"); err != nil {
		return err
	}
	q := db.New(c)
	if err := q.FillTicketTexts(ctx, db.FillTicketTextsParams{First: int64(m.first), Last: int64(m.last)}); err != nil {
		return err
	}
	return q.FillCommentTexts(ctx, db.FillCommentTextsParams{First: int64(m.first), Last: int64(m.last)})
}

func (m *maker) ticket(id int) {
	age := float64(m.o.Tickets-id) / float64(m.o.Tickets)
	created := m.o.End.Add(-time.Duration(float64(2*365*24*time.Hour) * age)).Truncate(time.Microsecond)
	requester, status := requester(id, m.rnd), m.status(1-age)
	priority := []string{"Low", "Medium", "Medium", "High", "Urgent"}[m.rnd.IntN(5)]
	category := int64(1 + m.rnd.IntN(3))
	count := 1 + m.rnd.IntN(2*eventsEach-1)
	if id == 1 {
		count = 20
	}
	updated := m.log(id, count, requester, created)
	var waiting *time.Time
	if count%2 == 1 && (status == "OPEN" || status == "IN_PROGRESS") {
		waiting = &updated
	}
	files := 0
	if id%8 == 0 {
		files = 1
		m.file(id, 1+m.rnd.IntN(count), requester, created)
	}
	subject := m.text(6)
	if id%max(m.o.Tickets/10, 1) == 0 {
		subject += " " + Rare
	}
	if id <= m.o.Tickets/5*3 {
		subject += " " + Old
	}
	m.reads = append(m.reads, []any{int64(id), requester, int64(count), int32(0)})
	team, assignee := assignment(id, status == "OPEN" || status == "IN_PROGRESS")
	m.tickets = append(m.tickets, []any{int64(id), requester, subject, m.text(2*m.o.Words) + foreign(m.others, id), category, priority, status, int64(count), int32(count - 1),
		int32(files), waiting, fmt.Sprintf("bench-%d", id), []byte{0}, created, updated, team, assignee})
	m.counters.tickets[bin{status, priority, category}]++
	m.hour(created, 0)
	if status == "RESOLVED" || status == "CLOSED" {
		m.hour(updated, 1)
	}
}

// log makes the entries of a ticket, none after the end, and returns the time of the last one.
func (m *maker) log(id, count int, requester int64, at time.Time) time.Time {
	m.events = append(m.events, []any{int64(id), int64(1), "opened", requester, "", at})
	for seq := 2; seq <= count; seq++ {
		pause := min(600*time.Minute, m.o.End.Sub(at)/4)
		at = at.Add(time.Duration(m.rnd.Float64() * float64(pause))).Truncate(time.Microsecond)
		author := requester
		if seq%2 == 0 {
			author = Admin
		}
		m.events = append(m.events, []any{int64(id), int64(seq), "comment", author, m.text(m.o.Words), at})
	}
	return at
}

// status returns the status of a ticket by its age: old tickets are done, and about 2 % of all,
// mostly new ones, are not.
func (m *maker) status(age float64) string {
	switch x := m.rnd.Float64(); {
	case age > .96 && x < .3:
		return "OPEN"
	case age > .96 && x < .5:
		return "IN_PROGRESS"
	case x < .2:
		return "RESOLVED"
	}
	return "CLOSED"
}
