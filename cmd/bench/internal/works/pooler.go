package works

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/report"
	"frontdesk/cmd/bench/internal/testbed"
	"frontdesk/db/dbseed"
	"frontdesk/internal/process"
)

// poolerName is the name of the work that compares a desk behind PgBouncer with one without.
const poolerName = "pooler"

// pooler loads the ticket list, one ticket and comments through PgBouncer, in turns with a
// desk on the same database without it.
func (b *bench) pooler(ctx context.Context) error {
	pooled, stop, err := b.bed.StartPooledDesk(ctx, b.Pooler, testbed.Database, "pooled")
	if err != nil {
		return err
	}
	defer stop()
	customer, err := testbed.SignIn(b.app, dbseed.UserWithFifty)
	if err != nil {
		return err
	}
	admin, err := testbed.SignIn(b.app, dbseed.Admin)
	if err != nil {
		return err
	}
	for _, w := range []struct {
		name string
		load func() load.HTTP
	}{
		{"ticket list", func() load.HTTP {
			return load.HTTP{Want: http.StatusOK, Request: func(int, int) []byte { return load.Get("/tickets", customer, "") }}
		}},
		{"one ticket", func() load.HTTP {
			return load.HTTP{Want: http.StatusOK, Request: func(int, int) []byte { return load.Get("/tickets/1", customer, "") }}
		}},
		{"comment", func() load.HTTP { return b.commentLoad(admin) }},
	} {
		through := func(how string, p *process.Program) func() (report.Row, error) {
			return func() (report.Row, error) { return b.once(ctx, poolerName+", "+w.name+", "+how, p, w.load()) }
		}
		rows, err := b.inTurns(through("direct", b.app), through("through PgBouncer", pooled))
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		b.add(rows[0], rows[1].Against(rows[0].Rate).WantsShare(.85))
	}
	return nil
}

// commentLoad posts comments by the page's form, each connection to other tickets.
func (b *bench) commentLoad(cookie string) load.HTTP {
	stamp := time.Now().UnixNano()
	return load.HTTP{Want: http.StatusSeeOther, Request: func(conn, n int) []byte {
		return load.Post(fmt.Sprintf("/tickets/%d/comments", b.someTicket(conn, n)), cookie, fmt.Sprintf("text=%s&submission_id=bench-%d-%d-%d", formText, stamp, conn, n))
	}}
}
