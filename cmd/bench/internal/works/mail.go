package works

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/report"
	"frontdesk/cmd/bench/internal/testbed"
	"frontdesk/db"
	"frontdesk/db/dbseed"
)

// mailTickets is the number of tickets of each of the two desks that are compared.
const mailTickets = 10_000

// mailDesk is a desk with a database of its own.
type mailDesk struct {
	database string
	env      []string
}

// commentWithMail posts comments to a desk that sends mail, in turns with one that does not. Each
// comment is an answer that is mailed to the requester. The mails of a run are dropped after it, so
// that their sending does not load the machine in the next one. In a run of less than 10 seconds mails
// are written, and none is sent yet.
func (b *bench) commentWithMail(ctx context.Context) error {
	smtp, err := load.StartSMTP()
	if err != nil {
		return err
	}
	defer smtp.Stop()
	if err := b.bed.StartCluster(ctx); err != nil {
		return err
	}
	without := mailDesk{"mail_off", nil}
	with := mailDesk{"mail_on", []string{"SMTP_URL=smtp://" + smtp.Addr, "MAIL_FROM=help@bench.invalid", "PUBLIC_URL=http://desk.bench.invalid"}}
	for _, d := range []mailDesk{without, with} {
		if _, err := b.bed.Pool.Exec(ctx, "create database "+d.database); err != nil {
			return fmt.Errorf("create a database: %w", err)
		}
		if err := b.seed(ctx, d.database, mailTickets); err != nil {
			return err
		}
	}
	written := 0
	rows, err := b.inTurns(
		func() (report.Row, error) {
			return b.commentRun(ctx, "comment with mail, limit: without mail", without, nil)
		},
		func() (report.Row, error) {
			return b.commentRun(ctx, "comment with mail, posted", with, &written)
		})
	if err != nil {
		return err
	}
	if written == 0 {
		return fmt.Errorf("no mail was written")
	}
	r := rows[1].Against(rows[0].Rate)
	r.Value = fmt.Sprintf("%d mails written, %d sent", written, smtp.Messages())
	b.add(rows[0], r.WantsShare(.97))
	return nil
}

// commentRun starts a desk, posts comments, and stops it. It adds the number of mails that were
// written meanwhile to mails, unless it is nil, and drops what is not delivered.
func (b *bench) commentRun(ctx context.Context, name string, d mailDesk, mails *int) (report.Row, error) {
	p, err := b.bed.StartDesk(ctx, d.database, d.database, d.env...)
	if err != nil {
		return report.Row{}, err
	}
	defer p.Stop()
	cookie, err := testbed.SignIn(p, dbseed.Admin)
	if err != nil {
		return report.Row{}, err
	}
	stamp := time.Now().UnixNano()
	row, err := b.once(ctx, name, p, load.HTTP{Want: http.StatusSeeOther, Request: func(conn, n int) []byte {
		return load.Post(fmt.Sprintf("/tickets/%d/comments", 1000+(conn*997+n)%(mailTickets-1000)), cookie, fmt.Sprintf("text=%s&submission_id=bench-%d-%d-%d", formText, stamp, conn, n))
	}})
	if err != nil {
		return row, err
	}
	p.Stop()
	return row, b.dropMail(ctx, d.database, mails)
}

// dropMail removes the mails and the events that are not delivered, and adds the number of mails to
// total.
func (b *bench) dropMail(ctx context.Context, database string, total *int) error {
	pool, err := db.Open(ctx, b.bed.Cluster.URL(database), 1)
	if err != nil {
		return err
	}
	defer pool.Close()
	q := db.New(pool)
	n, err := q.CountMails(ctx)
	if err != nil {
		return fmt.Errorf("count mails: %w", err)
	}
	if total != nil {
		*total += int(n)
	}
	if err := q.DropMails(ctx); err != nil {
		return fmt.Errorf("drop mails: %w", err)
	}
	return nil
}
