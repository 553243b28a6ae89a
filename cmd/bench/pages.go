package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"frontdesk/db"
	"frontdesk/db/dbseed"
)

// Goals in absolute figures are multiples of what the system that this one
// replaces does on a machine of this kind, with JSON for pages.
const (
	firstList    = 640  // a customer's 50 tickets, a second
	firstTicket  = 1200 // one ticket, a second
	firstComment = 525
	firstSignIn  = 34
)

// pages loads one page, as it is and compressed, in turns with its limit.
func (b *bench) pages(ctx context.Context, work, path string, goal func(row) row) error {
	cookie, err := b.app.signIn(dbseed.Fifty)
	if err != nil {
		return err
	}
	fence, err := b.startPageLimit(ctx, cookie, path)
	if err != nil {
		return fmt.Errorf("limit: %w", err)
	}
	defer fence.stop()
	named, _, _ := strings.Cut(work, " ")
	loaded := func(name string, p *program, gzip bool) func() (row, error) {
		return func() (row, error) {
			return b.once(ctx, name, p, load{want: http.StatusOK, request: func(int, int) []byte { return get(path, cookie, gzip) }})
		}
	}
	rows, err := b.inTurns(loaded(named+"'s limit: its queries and bytes, bare", fence, false), loaded(work, b.app, false), loaded(work+", gzip", b.app, true))
	if err != nil {
		return err
	}
	limit, plain, packed := rows[0], rows[1], rows[2]
	b.add(limit, goal(plain.against(limit.Rate)), packed.against(limit.Rate))
	return nil
}

func (b *bench) list(ctx context.Context) error {
	return b.pages(ctx, "P1 ticket list, 50 rows", "/tickets", func(r row) row {
		return r.wants("≥ 2,880/s, 4.5× the first system's JSON", r.Rate >= 4.5*firstList).wantsShare(.75)
	})
}

func (b *bench) ticket(ctx context.Context) error {
	return b.pages(ctx, "P2 ticket, 20 entries", "/tickets/1", func(r row) row {
		return r.wants("≥ 3,600/s, 3× the first system's JSON", r.Rate >= 3*firstTicket).wantsShare(.70)
	})
}

// comment has every connection write to tickets of its own, in turns with the
// rows alone.
func (b *bench) comment(ctx context.Context) error {
	cookie, err := b.app.signIn(dbseed.Admin)
	if err != nil {
		return err
	}
	rows, err := b.inTurns(
		func() (row, error) { return b.commentRows(ctx, "P3's limit: its rows alone") },
		func() (row, error) {
			stamp := time.Now().UnixNano()
			return b.once(ctx, "P3 post a comment", b.app, load{want: http.StatusSeeOther, request: func(conn, n int) []byte {
				return post(fmt.Sprintf("/tickets/%d/comments", b.someTicket(conn, n)), cookie, fmt.Sprintf("text=%s&submission_id=bench-%d-%d-%d", formText, stamp, conn, n))
			}})
		})
	if err != nil {
		return err
	}
	b.add(rows[0], rows[1].against(rows[0].Rate).wantsShare(.70))
	return nil
}

// commentRows is the limit of every way to post a comment.
func (b *bench) commentRows(ctx context.Context, name string) (row, error) {
	return b.rowsAlone(ctx, name, db.EventKindComment, commentText, func(conn, n int) (int64, int64) {
		return int64(b.someTicket(conn, n)), dbseed.Admin
	})
}

// someTicket is another one for each connection, and for each of its requests,
// of those that no other work looks at.
func (b *bench) someTicket(conn, n int) int { return 1000 + (conn*997+n)%(b.Tickets-1000) }

// commentText is some 170 bytes; formText is the same in a form.
var (
	commentText = strings.Repeat("thank you for the answer ", 7)
	formText    = strings.ReplaceAll(commentText, " ", "+")
)
