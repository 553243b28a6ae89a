package works

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/report"
	"frontdesk/views/ui"
)

// hostileShapes are units that make a comment hard to render when they are repeated:
// unfinished addresses, brackets, names of other scripts, characters to escape.
var hostileShapes = []string{
	"mailto:", "mailto:)", "mailto:a@b.c?", "https://", "http://a.b/(", "http://[::1]:80/)", "http://a\u0301", "https://上海.例/。",
	"https://a:b@", "https://a.b/?a&b ", "a@b.", ")", `"`, "&", "я", "上", "a\n",
}

// commentLength is the greatest length of a comment, in characters.
const commentLength = 20_000

// hostileText measures how long a comment of one shape takes to render in this
// process, without the request around it, and adds the row of the slowest shape.
func (b *bench) hostileText(ctx context.Context) error {
	var slowest report.Row
	for _, unit := range hostileShapes {
		r, err := renderTimes(ctx, unit)
		if err != nil {
			return err
		}
		if r.P50 > slowest.P50 {
			slowest = r
		}
	}
	b.add(slowest.Wants("p50 ≤ 5 ms", slowest.P50 <= millis(5)))
	return nil
}

// renderTimes renders a comment of one shape many times and returns its row.
func renderTimes(ctx context.Context, unit string) (report.Row, error) {
	length := len([]rune(unit))
	text := strings.Repeat(unit, commentLength/length)
	var took []time.Duration
	began := time.Now()
	for range 51 {
		start := time.Now()
		if err := ui.Prose(text).Render(ctx, io.Discard); err != nil {
			return report.Row{}, err
		}
		took = append(took, time.Since(start))
	}
	r := load.NewSample(took, time.Since(began)).Row("hostile text, 20,000 characters, rendered")
	r.Value = fmt.Sprintf("the slowest of %d shapes: %q", len(hostileShapes), unit)
	return r, nil
}
