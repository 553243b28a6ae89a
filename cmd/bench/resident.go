package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"
)

func (b *bench) idle(context.Context) error {
	return b.resident("P6 memory, idle", 30<<20, func(u usage) int64 { return u.RSS })
}

func (b *bench) memory(context.Context) error {
	return b.resident("P6 memory, peak under load", 120<<20, func(u usage) int64 { return u.Peak })
}

func (b *bench) resident(work string, goal int64, of func(usage) int64) error {
	u, err := usageOf(b.app.pid())
	n := of(u)
	b.add(row{Work: work, RSS: n, Value: mib(n)}.wants("≤ "+mib(goal), n <= goal))
	return err
}

// starts measures the first run of all, and later ones.
func (b *bench) starts(ctx context.Context) error {
	dir := filepath.Join(b.dir, "fresh")
	defer os.RemoveAll(dir)
	first, err := b.startTime(ctx, dir)
	if err != nil {
		return err
	}
	var later []time.Duration
	for range b.Runs {
		took, err := b.startTime(ctx, dir)
		if err != nil {
			return err
		}
		later = append(later, took)
	}
	slices.Sort(later)
	b.addStart("P10 first run, initdb included", first, 5*time.Second)
	b.addStart("P10 a later run", later[len(later)/2], 500*time.Millisecond)
	return nil
}

// startTime is from the program's start to its first answer.
func (b *bench) startTime(ctx context.Context, dir string) (time.Duration, error) {
	start := time.Now()
	p, err := startProgram(ctx, b.binary, "DATA_DIR="+dir)
	if err != nil {
		return 0, err
	}
	defer p.stop()
	resp, err := http.Get("http://" + p.addr + "/ready")
	took := time.Since(start)
	if err == nil {
		resp.Body.Close()
	}
	return took, err
}

func (b *bench) addStart(work string, took, goal time.Duration) {
	ms := millis(took).number()
	b.add(row{Work: work, Value: took.Round(time.Millisecond).String(), Figures: map[string]float64{"start_ms": ms}}.wants("≤ "+goal.String(), took <= goal))
}
