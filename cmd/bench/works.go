package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"frontdesk/db"
	"frontdesk/db/dbseed"
)

// works are what is measured, named as the goals are.
var works = []struct {
	name    string
	measure func(*bench, context.Context) error
}{
	{"P6", (*bench).idle},
	{"P1", (*bench).list},
	{"P2", (*bench).ticket},
	{"P3", (*bench).comment},
	{"P4", (*bench).chat},
	{"API", (*bench).api},
	{"P8", (*bench).stream},
	{"P6", (*bench).memory},
	{"P5", (*bench).crowd},
	{"P5", (*bench).stuckReader},
	{"P9", (*bench).weight},
}

// pages loads one page, as it is and compressed, beside its limit.
func (b *bench) pages(ctx context.Context, work, path string, who int, limit string, goal func(rate, limit float64) (string, bool)) error {
	cookie, err := b.app.signIn(who)
	if err != nil {
		return err
	}
	fence, err := b.limitOf(ctx, limit, cookie, path)
	if err != nil {
		return fmt.Errorf("limit: %w", err)
	}
	for _, gzip := range []bool{false, true} {
		r, err := b.loaded(ctx, b.app, load{want: http.StatusOK, request: func(int, int) []byte { return get(path, cookie, gzip) }})
		if err != nil {
			return err
		}
		r.Work, r.Limit = work, fence
		if gzip {
			r.Work += ", gzip"
		} else {
			text, ok := goal(r.Rate, fence)
			r.Goal, r.Met = text, &ok
		}
		b.rows = append(b.rows, r)
	}
	return nil
}

func (b *bench) list(ctx context.Context) error {
	return b.pages(ctx, "P1 ticket list, 50 rows", "/tickets", dbseed.Fifty, "list", func(rate, limit float64) (string, bool) {
		return "≥ 2,880/s, ≥ 75 %", rate >= 2880 && rate >= .75*limit
	})
}

func (b *bench) ticket(ctx context.Context) error {
	return b.pages(ctx, "P2 ticket, 20 entries", "/tickets/1", dbseed.Fifty, "ticket", func(rate, limit float64) (string, bool) {
		return "≥ 3,600/s, ≥ 70 %", rate >= 3600 && rate >= .70*limit
	})
}

// comment has every connection write to tickets of its own. Limit and desk
// take turns, as the table and its indexes grow under both.
func (b *bench) comment(ctx context.Context) error {
	cookie, err := b.app.signIn(dbseed.Admin)
	if err != nil {
		return err
	}
	var limits, runs []row
	for range b.Runs {
		limit, err := b.rowsAlone(ctx, db.EventKindComment, strings.ReplaceAll(commentText, "+", " "), func(conn, n int) (int64, int64) {
			return int64(1000 + (conn*997+n)%(b.Tickets-1000)), dbseed.Admin
		})
		if err != nil {
			return fmt.Errorf("limit: %w", err)
		}
		stamp := time.Now().UnixNano()
		run, err := b.once(ctx, b.app, load{want: http.StatusSeeOther, request: func(conn, n int) []byte {
			id := 1000 + (conn*997+n)%(b.Tickets-1000)
			return post(fmt.Sprintf("/tickets/%d/comments", id), cookie, fmt.Sprintf("text=%s&submission_id=bench-%d-%d-%d", commentText, stamp, conn, n))
		}})
		if err != nil {
			return err
		}
		limits, runs = append(limits, limit), append(runs, run)
	}
	limit, r := median(limits), median(runs)
	ok := r.Rate >= .70*limit.Rate
	limit.Work = "P3's limit: its rows alone"
	r.Work, r.Limit, r.Goal, r.Met = "P3 post a comment", limit.Rate, "≥ 70 %", &ok
	b.rows = append(b.rows, limit, r)
	return nil
}

// commentText is some 170 bytes.
var commentText = strings.Repeat("thank+you+for+the+answer+", 7)

// loaded runs a load several times against p and returns the median run.
func (b *bench) loaded(ctx context.Context, p *program, l load) (row, error) {
	var runs []row
	for range b.Runs {
		r, err := b.once(ctx, p, l)
		if err != nil {
			return row{}, err
		}
		runs = append(runs, r)
	}
	return median(runs), nil
}

func median(runs []row) row {
	slices.SortFunc(runs, func(a, b row) int { return cmp.Compare(a.Rate, b.Rate) })
	return runs[len(runs)/2]
}

// once runs a load against p and tells what it cost p and the database.
func (b *bench) once(ctx context.Context, p *program, l load) (row, error) {
	l.addr, l.conns, l.seconds = p.addr, b.Conns, b.Seconds
	var size int
	r, err := b.costOf(p, func() (sample, error) {
		s, err := l.run(ctx)
		size = s.Bytes
		return s, err
	})
	r.Value = fmt.Sprintf("%.1f KiB", kib(size))
	return r, err
}

// costOf tells what a work took, and what it cost p and the database.
func (b *bench) costOf(p *program, work func() (sample, error)) (row, error) {
	server, err1 := usageOf(p.cmd.Process.Pid)
	database, err2 := usageOf(b.cluster.PID())
	s, err3 := work()
	serverAfter, err4 := usageOf(p.cmd.Process.Pid)
	databaseAfter, err5 := usageOf(b.cluster.PID())
	n := time.Duration(max(1, s.N))
	return row{Rate: s.Rate, P50: s.P50, P99: s.P99, ServerCPU: (serverAfter.CPU - server.CPU) / n, DBCPU: (databaseAfter.CPU - database.CPU) / n}, cmp.Or(err3, err1, err2, err4, err5)
}

func (b *bench) idle(context.Context) error {
	return b.resident("P6 memory, idle", 30<<20, func(u usage) int64 { return u.RSS })
}

func (b *bench) memory(context.Context) error {
	return b.resident("P6 memory, peak under load", 120<<20, func(u usage) int64 { return u.Peak })
}

func (b *bench) resident(work string, goal int64, of func(usage) int64) error {
	u, err := usageOf(b.app.cmd.Process.Pid)
	ok := of(u) <= goal
	b.rows = append(b.rows, row{Work: work, Value: mib(of(u)), Goal: "≤ " + mib(goal), Met: &ok})
	return err
}

func mib(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

var asset = regexp.MustCompile(`(?:src|href)="(/static/[^"#]+)`)

// weight adds up what a first visit to the list transfers: the page and every
// asset it names, compressed.
func (b *bench) weight(context.Context) error {
	cookie, err := b.app.signIn(dbseed.Fifty)
	if err != nil {
		return err
	}
	html, page, err := b.transfer("/tickets", cookie)
	if err != nil {
		return err
	}
	total, script := page, 0
	seen := map[string]bool{}
	for _, m := range asset.FindAllStringSubmatch(html, -1) {
		if seen[m[1]] {
			continue
		}
		seen[m[1]] = true
		_, n, err := b.transfer(m[1], "")
		if err != nil {
			return err
		}
		if total += n; strings.HasSuffix(m[1], ".js") {
			script += n
		}
	}
	ok := total <= 60<<10 && script <= 20<<10 && page <= 10<<10
	b.rows = append(b.rows, row{Work: "P9 first visit to the list", Value: fmt.Sprintf("%.1f KiB, script %.1f, page %.1f", kib(total), kib(script), kib(page)),
		Goal: "≤ 60, 20, 10 KiB", Met: &ok})
	return nil
}

func kib(n int) float64 { return float64(n) / 1024 }

// transfer fetches a path compressed and returns it as text with its size on the wire, headers apart.
func (b *bench) transfer(path, cookie string) (string, int, error) {
	fetch := func(encoding string) ([]byte, error) {
		req, err := http.NewRequest(http.MethodGet, "http://"+b.app.addr+path, nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Cookie", cookie)
		req.Header.Set("Accept-Encoding", encoding)
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		return io.ReadAll(resp.Body)
	}
	plain, err := fetch("identity")
	if err != nil {
		return "", 0, err
	}
	packed, err := fetch("gzip")
	return string(plain), len(packed), err
}

// starts measures the first run of all, and a later one.
func (b *bench) starts(ctx context.Context) error {
	dir := filepath.Join(b.dir, "fresh")
	for i, work := range []string{"P10 first run, initdb included", "P10 a later run"} {
		start := time.Now()
		p, err := startProgram(ctx, b.binary, "DATA_DIR="+dir)
		if err != nil {
			return err
		}
		resp, err := http.Get("http://" + p.addr + "/ready")
		took := time.Since(start)
		if err == nil {
			resp.Body.Close()
		}
		p.stop()
		goal := []time.Duration{5 * time.Second, 500 * time.Millisecond}[i]
		ok := err == nil && took <= goal
		b.rows = append(b.rows, row{Work: work, Value: took.Round(time.Millisecond).String(), Goal: "≤ " + goal.String(), Met: &ok})
	}
	return os.RemoveAll(dir)
}
