package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"frontdesk/db/dbseed"
)

// growth is how the p95 of what people look at most changes with the number of
// tickets, each asked for over one connection.
type growth struct {
	Tickets []int       `json:"tickets"`
	Rows    []growthRow `json:"rows"`
}

type growthRow struct {
	Work string   `json:"work"`
	P95  []millis `json:"p95_ms"`
	// Ratio is that of the last p95 to the first.
	Ratio float64 `json:"ratio"`
	Goal  float64 `json:"goal"`
	Met   bool    `json:"met"`
	// Most is a goal in absolute figures, of the last.
	Most    millis `json:"most_ms,omitempty"`
	MostMet *bool  `json:"most_met,omitempty"`
	// Failed says why there is nothing to compare.
	Failed string `json:"failed,omitempty"`
}

// growthGoal is how much slower the largest desk may be than the smallest.
const growthGoal = 1.3

func newGrowthRow(work string, p95 []millis, most time.Duration) growthRow {
	r := growthRow{Work: work, P95: p95, Goal: growthGoal, Most: millis(most)}
	last := p95[len(p95)-1]
	if p95[0] > 0 {
		r.Ratio = float64(last) / float64(p95[0])
	}
	r.Met = r.Ratio <= growthGoal
	if most > 0 {
		ok := last <= r.Most
		r.MostMet = &ok
	}
	return r
}

func (g growth) table() [][]string {
	head := []string{"P7: p95 in ms over one connection"}
	for _, n := range g.Tickets {
		head = append(head, thousands(n)+" tickets")
	}
	lines := [][]string{append(head, "ratio", "goal", "met", "at most", "met", "failed")}
	for _, r := range g.Rows {
		line := []string{r.Work}
		for _, p := range r.P95 {
			line = append(line, short(p))
		}
		most := ""
		if r.Most > 0 {
			most = fmt.Sprintf("%.0f ms", r.Most.number())
		}
		lines = append(lines, append(line, fmt.Sprintf("%.2f", r.Ratio), fmt.Sprintf("≤ %.1f", r.Goal), met(&r.Met), most, met(r.MostMet), r.Failed))
	}
	return lines
}

func thousands(n int) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// grown is a desk of one size.
type grown struct {
	app   *program
	paths []string // of the looks, in their order
}

// growing is what to do before desks of several sizes can be looked at. All are
// there at once, so that they are looked at in turns.
func (b *bench) growing() []work {
	var all []work
	for _, n := range b.Growth {
		all = append(all, work{name: "P7", title: "seeding " + thousands(n) + " tickets", extra: seedTime(n), needed: true, measure: func(b *bench, ctx context.Context) error {
			return b.grow(ctx, n)
		}})
	}
	return all
}

// lookAround asks each desk for the same pages, in turns: so the machine's drift
// meets all sizes alike.
func (b *bench) lookAround(ctx context.Context) error {
	b.report.Growth = &growth{Tickets: b.Growth}
	for i, l := range looks {
		r := b.compare(ctx, i, l)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		b.report.Growth.Rows = append(b.report.Growth.Rows, r)
	}
	return nil
}

// compare asks each desk for the i-th look. One that fails, as a search that
// takes too long, is a result too.
func (b *bench) compare(ctx context.Context, i int, l lookAt) growthRow {
	runs, failed := make([][]millis, len(b.grown)), ""
	for n := range b.Runs {
		b.progress.say((float64(i)+float64(n)/float64(b.Runs))/float64(len(looks)), "%s, run %d of %d", l.name, n+1, b.Runs)
		for at, d := range b.grown {
			p95, err := b.look(ctx, fmt.Sprintf("P7 %s, %d", l.name, b.Growth[at]), d.app, d.paths[i], dbseed.Cookie(l.who))
			if err != nil {
				p95, failed = 0, fmt.Sprintf("at %s: %v", thousands(b.Growth[at]), err)
			}
			runs[at] = append(runs[at], p95)
		}
	}
	medians := make([]millis, len(b.grown))
	for at := range runs {
		slices.Sort(runs[at])
		medians[at] = runs[at][len(runs[at])/2]
	}
	r := newGrowthRow(l.name, medians, l.most)
	if failed != "" {
		r.Failed, r.Met, r.MostMet = failed, false, nil
	}
	return r
}

// look measures a page's p95 over one connection, warm.
func (b *bench) look(ctx context.Context, name string, p *program, path, cookie string) (millis, error) {
	l := load{addr: p.addr, conns: 1, seconds: b.lookSeconds() / 5, want: http.StatusOK, request: func(int, int) []byte { return get(path, cookie, false) }}
	if _, err := l.run(ctx); err != nil {
		return 0, err
	}
	l.seconds = b.lookSeconds()
	profiled := b.profile(name, p, l.seconds)
	s, err := l.run(ctx)
	return millis(s.P95), cmp.Or(err, profiled())
}

// lookSeconds is shorter than a run of other works: there are many of them, and
// one connection is soon steady.
func (b *bench) lookSeconds() float64 { return min(1, b.Seconds) }

func (b *bench) lookTime() time.Duration {
	return time.Duration(float64(len(looks)*len(b.Growth)*b.Runs) * 1.2 * b.lookSeconds() * float64(time.Second))
}

// grow starts the program on a new desk of that many tickets. Its database goes
// with the cluster.
func (b *bench) grow(ctx context.Context, tickets int) error {
	if err := b.startCluster(ctx); err != nil {
		return err
	}
	name := fmt.Sprintf("growth_%d", tickets)
	if _, err := b.pool.Exec(ctx, "create database "+name); err != nil {
		return err
	}
	if err := b.seed(ctx, name, tickets); err != nil {
		return err
	}
	app, err := b.startDesk(ctx, name, name)
	if err != nil {
		return err
	}
	d := grown{app: app}
	b.grown = append(b.grown, d)
	for _, l := range looks {
		path, err := app.turnPages(ctx, l.path, dbseed.Cookie(l.who), l.pages)
		if err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
		d.paths = append(d.paths, path)
	}
	b.grown[len(b.grown)-1] = d
	return nil
}

var nextPage = regexp.MustCompile(`href="([^"]*[?&;]after=[^"]+)"`)

// turnPages follows the link to the next page so many times, and returns where
// it led; as far as there are pages.
func (p *program) turnPages(ctx context.Context, path, cookie string, pages int) (string, error) {
	for range pages {
		body, err := p.body(ctx, path, "Cookie", cookie)
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
