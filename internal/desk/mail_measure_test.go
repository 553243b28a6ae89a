package desk_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
	"frontdesk/internal/mail"
	"frontdesk/internal/mail/mailtest"
	"frontdesk/internal/outbox"
)

// measured skips a test that measures, unless MAIL_MEASURE is set. docs/mail.md has its figures.
func measured(t *testing.T) {
	t.Helper()
	if os.Getenv("MAIL_MEASURE") == "" {
		t.Skip("measures only with MAIL_MEASURE=1")
	}
}

// newRunningDesk returns a desk that runs as a serving process does, with or without mail.
func newRunningDesk(t *testing.T, withMail bool) deskWithMail {
	t.Helper()
	smtp := mailtest.New(t)
	opts := desk.Options{Log: slog.New(slog.DiscardHandler), Limits: limit.Limits{Talk: limit.Limit{N: 1_000_000, Per: time.Second}}}
	if withMail {
		opts.Mail = mailOptions(smtp.Target())
		opts.Mail.Timeouts = mail.DefaultTimeouts
	}
	f := newFixture(t, opts)
	if err := f.Mail.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	box := outbox.New(f.pool, outbox.Options{}, append(f.Notifications.Consumers(), f.Mail.Consumer())...)
	if err := box.Register(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { box.Run(ctx) })
	running.Go(func() { f.Mail.Run(ctx) })
	running.Go(func() { _ = f.Mail.Work(ctx) })
	running.Go(func() { // the hint that the program gets by NOTIFY
		for ctx.Err() == nil {
			box.Wake()
			time.Sleep(100 * time.Millisecond)
		}
	})
	t.Cleanup(func() { stop(); running.Wait() })
	return deskWithMail{deskWithOutbox{f, box}, smtp, nil}
}

func TestMeasureTheRateOfMails(t *testing.T) {
	measured(t)
	h := newRunningDesk(t, true)
	const n = 2000
	for i := range n {
		h.enqueue(aMail(fmt.Sprintf("user%d@example.org", i)))
	}
	before := len(h.smtp.Messages())
	start := time.Now()
	got := h.smtp.Await(t, n)
	end := got[len(got)-1].At
	t.Logf("%d mails in %s: %.0f a second; %d connections", n-before, end.Sub(start), float64(n-before)/end.Sub(start).Seconds(), h.smtp.Connections())
}

func TestMeasureTheTimeFromAnAnswerToItsMail(t *testing.T) {
	measured(t)
	h := newRunningDesk(t, true)
	ana, priya, _ := h.pair()
	time.Sleep(7 * time.Second) // until this process leads the others
	const n = 30
	written := map[string]time.Time{}
	for i := range n {
		in := invoice()
		in.Subject = fmt.Sprintf("Ticket %d", i)
		ticket := h.opens(ana, in).ID
		e, err := h.Comments.Add(t.Context(), priya, ticket, desk.CommentInput{Text: "A word"})
		if err != nil {
			t.Fatal(err)
		}
		written[fmt.Sprintf("[#%d] Ticket %d", ticket, i)] = e.CreatedAt
		time.Sleep(300 * time.Millisecond)
	}
	var late []time.Duration
	for _, m := range h.smtp.Await(t, n) {
		late = append(late, m.At.Sub(written[m.Header().Get("Subject")])-10*time.Second)
	}
	slices.Sort(late)
	t.Logf("after the time to undo: median %s, 90 %% %s, longest %s, shortest %s", late[n/2], late[n*9/10], late[n-1], late[0])
}

func TestMeasureTheTimeOfManyAnswersAtOnce(t *testing.T) {
	measured(t)
	h := newRunningDesk(t, true)
	ana, priya, _ := h.pair()
	time.Sleep(7 * time.Second) // until this process leads the others
	const n = 600
	var last time.Time
	for i := range n {
		ticket := h.opens(ana, invoice()).ID
		e, err := h.Comments.Add(t.Context(), priya, ticket, desk.CommentInput{Text: fmt.Sprint("Word ", i)})
		if err != nil {
			t.Fatal(err)
		}
		last = e.CreatedAt
	}
	got := h.smtp.Await(t, n)
	t.Logf("%d mails were sent in %s, the last one %s after its time to undo", n, got[n-1].At.Sub(got[0].At), got[n-1].At.Sub(last)-10*time.Second)
}

func TestMeasureTheRateOfComments(t *testing.T) {
	measured(t)
	rate := func(h deskWithMail, who []account.Actor, tickets []int64) float64 {
		var count atomic.Int64
		end := time.Now().Add(4 * time.Second)
		var all sync.WaitGroup
		for w := range 8 {
			all.Go(func() {
				for i := w; time.Now().Before(end); i += 8 {
					if _, err := h.Comments.Add(t.Context(), who[i%len(who)], tickets[i%len(tickets)], desk.CommentInput{Text: "A word"}); err != nil {
						t.Error(err)
						return
					}
					count.Add(1)
				}
			})
		}
		all.Wait()
		return float64(count.Load()) / 4
	}
	var desks [2]deskWithMail
	var staff [2][]account.Actor
	var tickets [2][]int64
	for i := range desks {
		h := newRunningDesk(t, i == 1)
		ana, priya, _ := h.pair()
		for range 200 {
			tickets[i] = append(tickets[i], h.opens(ana, invoice()).ID)
		}
		desks[i], staff[i] = h, []account.Actor{priya}
	}
	var rates [2][]float64
	for round := range 10 {
		i := round % 2
		rates[i] = append(rates[i], rate(desks[i], staff[i], tickets[i]))
		time.Sleep(time.Second)
	}
	for i := range rates {
		slices.Sort(rates[i])
	}
	t.Logf("comments a second without mail %.0f, with mail %.0f (medians of %v and %v)", rates[0][2], rates[1][2], rates[0], rates[1])
}
