package works

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"frontdesk/cmd/bench/internal/report"
)

// startFolder is the data folder of the desk that is started again and again.
const startFolder = "fresh"

// starts measures the first start in an empty folder, and later ones.
func (b *bench) starts(ctx context.Context) error {
	defer os.RemoveAll(filepath.Join(b.bed.Dir, startFolder))
	first, err := b.startTime(ctx)
	if err != nil {
		return err
	}
	var later []time.Duration
	for range b.Runs {
		took, err := b.startTime(ctx)
		if err != nil {
			return err
		}
		later = append(later, took)
	}
	slices.Sort(later)
	b.addStart("start, first run, initdb included", first, 5*time.Second)
	b.addStart("start, a later run", later[len(later)/2], 500*time.Millisecond)
	return nil
}

// startTime returns the time from the program's start to its first answer.
func (b *bench) startTime(ctx context.Context) (time.Duration, error) {
	start := time.Now()
	p, err := b.bed.StartProgram(ctx, startFolder)
	if err != nil {
		return 0, err
	}
	defer p.Stop()
	resp, err := http.Get("http://" + p.Addr + "/ready")
	took := time.Since(start)
	if err == nil {
		resp.Body.Close()
	}
	return took, err
}

func (b *bench) addStart(work string, took, goal time.Duration) {
	ms := report.Millis(took).Number()
	b.add(report.Row{Work: work, Value: took.Round(time.Millisecond).String(), Figures: map[string]float64{"start_ms": ms}}.Wants("≤ "+goal.String(), took <= goal))
}
