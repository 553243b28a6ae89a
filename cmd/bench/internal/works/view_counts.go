package works

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"frontdesk/cmd/bench/internal/report"
	"frontdesk/db"
	"frontdesk/db/dbseed"
	"frontdesk/internal/account"
	"frontdesk/internal/ticketquery"
)

const (
	viewCountsName = "12 view counts, none of them cached"
	viewCountsMost = 30 * time.Millisecond
	viewCountsRun  = 50 // calls of one run
)

// countedViews are twelve views as in the sidebar of an agent: those of all staff, of teams, and saved ones.
var countedViews = []string{
	"assignee=me&status=ACTIVE", "assignee=none&status=ACTIVE", "status=ACTIVE", "status=WAITING",
	"team=1&status=ACTIVE", "team=2&status=ACTIVE", "team=3&status=ACTIVE",
	"priority=Urgent&status=OPEN", "category=Billing", "assignee=none&team=3&status=ACTIVE", "status=OPEN&priority=Urgent&team=3", "status=CLOSED&priority=Low&category=Technical",
}

// compareViewCounts measures how long the database takes to count the tickets of twelve views, on all desks in
// turns. Pages use a count for some seconds; here each call has a service of its own.
func (b *bench) compareViewCounts(ctx context.Context) (report.GrowthRow, error) {
	filters := make([]ticketquery.Filter, len(countedViews))
	for i, view := range countedViews {
		query, err := url.ParseQuery(view)
		if err != nil {
			return report.GrowthRow{}, err
		}
		filters[i] = ticketquery.ReadFilter(query)
	}
	runs, counted := make([][]report.Millis, len(b.Growth)), make([]int, len(b.Growth))
	for range b.Runs {
		for at, tickets := range b.Growth {
			p95, all, err := b.countViews(ctx, growthDatabase(tickets), filters)
			if err != nil {
				return report.GrowthRow{}, err
			}
			runs[at], counted[at] = append(runs[at], p95), all
		}
	}
	medians := make([]report.Millis, len(runs))
	for at := range runs {
		slices.Sort(runs[at])
		medians[at] = runs[at][len(runs[at])/2]
	}
	return report.NewGrowthRow(viewCountsName, medians, counted, viewCountsMost), nil
}

// countViews returns the p95 of counting the tickets of all filters, and the sum of the counts.
func (b *bench) countViews(ctx context.Context, database string, filters []ticketquery.Filter) (p95 report.Millis, sum int, err error) {
	pool, err := db.Open(ctx, b.bed.Cluster.URL(database), 1)
	if err != nil {
		return 0, 0, err
	}
	defer pool.Close()
	admin := account.Actor{ID: dbseed.Admin, Role: account.RoleAdmin}
	took := make([]time.Duration, viewCountsRun)
	for i := range took {
		start := time.Now()
		counts, err := ticketquery.New(pool, time.Now).Counts(ctx, admin, filters)
		took[i], sum = time.Since(start), 0
		if err != nil {
			return 0, 0, err
		}
		for at, n := range counts {
			if n.TimedOut {
				return 0, 0, fmt.Errorf("the view %s is not counted in time", countedViews[at])
			}
			sum += int(n.N)
		}
	}
	slices.Sort(took)
	return report.Millis(took[len(took)*95/100]), sum, nil
}
