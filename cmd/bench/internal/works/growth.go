package works

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/report"
	"frontdesk/db/dbseed"
	"frontdesk/internal/input"
	"frontdesk/internal/process"
)

// growthName is the name of the work that compares desks of several sizes.
const growthName = "growth"

// grown is a desk of one size.
type grown struct {
	app   *process.Program
	paths []string // of [listViews], in their order
	shown []int    // tickets on each of these pages
}

// growing returns a step for each desk to seed. All desks run at once, so that they
// can be measured in turns.
func (b *bench) growing() []work {
	var all []work
	for _, n := range b.Growth {
		all = append(all, work{name: growthName, part: "seeding " + input.Thousands(n) + " tickets", extra: seedTime(n), needed: true, measure: func(b *bench, ctx context.Context) error {
			return b.grow(ctx, n)
		}})
	}
	return all
}

// growthDatabase returns the name of the database of a desk with the given number of tickets.
func growthDatabase(tickets int) string { return fmt.Sprintf("growth_%d", tickets) }

// grow starts the program on a new database with the given number of tickets.
func (b *bench) grow(ctx context.Context, tickets int) error {
	if err := b.bed.StartCluster(ctx); err != nil {
		return err
	}
	name := growthDatabase(tickets)
	if _, err := b.bed.Pool.Exec(ctx, "create database "+name); err != nil {
		return err
	}
	if err := b.seed(ctx, name, tickets); err != nil {
		return err
	}
	app, err := b.bed.StartDesk(ctx, name, name)
	if err != nil {
		return err
	}
	d := grown{app: app}
	b.grown = append(b.grown, d)
	for _, l := range listViews {
		path, err := turnPages(ctx, app, l.path, dbseed.Cookie(l.who), l.pages)
		if err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
		body, _ := load.Body(ctx, app.Addr, path, "Cookie", dbseed.Cookie(l.who)) // compare reports the error
		d.paths, d.shown = append(d.paths, path), append(d.shown, countTickets(body))
	}
	b.grown[len(b.grown)-1] = d
	return nil
}

var nextPage = regexp.MustCompile(`href="([^"]*[?&;]after=[^"]+)"`)

// turnPages follows the link to the next page the given number of times, or until there is none,
// and returns the path of the last page.
func turnPages(ctx context.Context, p *process.Program, path, cookie string, pages int) (string, error) {
	for range pages {
		body, err := load.Body(ctx, p.Addr, path, "Cookie", cookie)
		if err != nil {
			return "", err
		}
		m := nextPage.FindSubmatch(body)
		if m == nil {
			return path, nil
		}
		path = strings.ReplaceAll(string(m[1]), "&amp;", "&")
	}
	return path, nil
}

var ticketLink = regexp.MustCompile(`href="/tickets/(\d+)`)

// countTickets returns the number of tickets to which a page has a link.
func countTickets(page []byte) int {
	found := map[string]bool{}
	for _, m := range ticketLink.FindAllSubmatch(page, -1) {
		found[string(m[1])] = true
	}
	return len(found)
}

// compareGrowth measures the same pages on all desks in turns, so that other load on
// the machine affects all sizes alike.
func (b *bench) compareGrowth(ctx context.Context) error {
	b.report.Growth = &report.Growth{Tickets: b.Growth}
	for i, l := range listViews {
		r := b.compare(ctx, i, l)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		b.report.Growth.Rows = append(b.report.Growth.Rows, r)
	}
	counts, err := b.compareViewCounts(ctx)
	if err != nil {
		return err
	}
	b.report.Growth.Rows = append(b.report.Growth.Rows, counts)
	return nil
}

// compare measures the i-th list view on each desk. If a measurement fails, such as a
// search that takes too long, the row has the error.
func (b *bench) compare(ctx context.Context, i int, l listView) report.GrowthRow {
	runs, failed := make([][]report.Millis, len(b.grown)), ""
	for n := range b.Runs {
		b.progress.Say((float64(i)+float64(n)/float64(b.Runs))/float64(len(listViews)), "%s, run %d of %d", l.name, n+1, b.Runs)
		for at, d := range b.grown {
			p95, err := b.measureView(ctx, fmt.Sprintf("growth, %s, %d", l.name, b.Growth[at]), d.app, d.paths[i], dbseed.Cookie(l.who))
			if err != nil {
				p95, failed = 0, fmt.Sprintf("at %s: %v", input.Thousands(b.Growth[at]), err)
			}
			runs[at] = append(runs[at], p95)
		}
	}
	medians, shown := make([]report.Millis, len(b.grown)), make([]int, len(b.grown))
	for at := range runs {
		slices.Sort(runs[at])
		medians[at], shown[at] = runs[at][len(runs[at])/2], b.grown[at].shown[i]
	}
	r := report.NewGrowthRow(l.name, medians, shown, l.most)
	if failed != "" {
		r.Failed, r.Met, r.MostMet = failed, new(bool), nil
	}
	return r
}

// measureView returns the p95 of a page over one connection. It requests the page for a
// fifth of the time before, so that caches are warm.
func (b *bench) measureView(ctx context.Context, name string, p *process.Program, path, cookie string) (report.Millis, error) {
	l := load.HTTP{Addr: p.Addr, Conns: 1, Seconds: b.viewSeconds() / 5, Want: http.StatusOK, Request: func(int, int) []byte { return load.Get(path, cookie, "") }}
	if _, err := l.Run(ctx); err != nil {
		return 0, err
	}
	l.Seconds = b.viewSeconds()
	profiled := b.profile(name, p, l.Seconds)
	s, err := l.Run(ctx)
	return report.Millis(s.P95), cmp.Or(err, profiled())
}

// viewSeconds returns the length of one measurement of a list view, at most a second:
// there are many views, and the rate of one connection is steady after a short time.
func (b *bench) viewSeconds() float64 { return min(1, b.Seconds) }

// viewTime estimates how long compareGrowth takes.
func (b *bench) viewTime() time.Duration {
	return time.Duration(float64(len(listViews)*len(b.Growth)*b.Runs) * 1.2 * b.viewSeconds() * float64(time.Second))
}
