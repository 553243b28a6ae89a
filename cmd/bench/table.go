package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// row is one line of the table.
type row struct {
	Work      string
	Rate      float64       // a second; 0 where it is not a rate
	P50, P99  time.Duration // 0 where nothing was timed
	ServerCPU time.Duration // a request
	DBCPU     time.Duration // a request
	Limit     float64       // the limit's rate in the same run
	Value     string        // what is no rate: a size, a time
	Goal      string
	Met       *bool
}

func printTable(w io.Writer, rows []row) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "work\trate/s\tp50\tp99\tserver ms\tdb ms\tlimit/s\tshare\tvalue\tgoal\tmet")
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Work, number(r.Rate), short(r.P50), short(r.P99),
			short(r.ServerCPU), short(r.DBCPU), number(r.Limit), share(r.Rate, r.Limit), r.Value, r.Goal, met(r.Met))
	}
	t.Flush()
}

func number(f float64) string {
	if f == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f", f)
}

func short(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", float64(d)/float64(time.Millisecond))
}

func share(rate, limit float64) string {
	if rate == 0 || limit == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f %%", 100*rate/limit)
}

func met(m *bool) string {
	switch {
	case m == nil:
		return ""
	case *m:
		return "yes"
	}
	return "no"
}
