// Package progress shows the progress of a run and the estimated remaining time.
package progress

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// Bar shows the progress of a run: on a terminal in one line that is redrawn, and
// elsewhere as one line for each step.
type Bar struct {
	to       io.Writer
	terminal bool
	steps    []Step
	begun    time.Time

	mu     sync.Mutex
	at     int       // index of the current step
	since  time.Time // when it began
	note   string    // progress of the step, as text
	part   float64   // the same as a share; 0 if unknown
	noted  time.Time // when a line was last printed, if there is no terminal
	finish chan struct{}
}

// Step is a part of the run and how long it is expected to take.
type Step struct {
	Name string
	Plan time.Duration
}

// New begins to show the progress of steps. Call End after the last one.
func New(to *os.File, steps []Step) *Bar {
	info, err := to.Stat()
	b := &Bar{to: to, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb",
		steps: steps, begun: time.Now(), at: -1, finish: make(chan struct{})}
	if b.terminal {
		go b.draw()
	}
	return b
}

func (b *Bar) draw() {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-b.finish:
			fmt.Fprint(b.to, "\r\x1b[K")
			return
		case <-tick.C:
		}
		b.mu.Lock()
		if b.at >= 0 {
			fmt.Fprintf(b.to, "\r\x1b[K%s", b.line(time.Now()))
		}
		b.mu.Unlock()
	}
}

// Next begins the next step.
func (b *Bar) Next() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at++
	b.since, b.note, b.part, b.noted = time.Now(), "", 0, time.Now()
	if !b.terminal && b.at < len(b.steps) {
		fmt.Fprintln(b.to, b.line(time.Now()))
	}
}

// Say sets the progress of the current step, as text and as a share from 0 to 1. A share of 0 means
// that it is unknown.
func (b *Bar) Say(part float64, format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.note, b.part = fmt.Sprintf(format, args...), part
	if !b.terminal && time.Since(b.noted) > 20*time.Second {
		b.noted = time.Now()
		fmt.Fprintln(b.to, b.line(time.Now()))
	}
}

// End removes the line from the terminal.
func (b *Bar) End() { close(b.finish) }

const barWidth = 20

// line returns the text that shows the progress at the given time.
func (b *Bar) line(now time.Time) string {
	done, left := b.share(now)
	full := int(done * barWidth)
	line := fmt.Sprintf("[%s%s] %d of %d, %s; %s, about %s to go", strings.Repeat("#", full), strings.Repeat(".", barWidth-full),
		b.at+1, len(b.steps), b.steps[b.at].Name, now.Sub(b.begun).Round(time.Second), left.Round(time.Second))
	if b.note != "" {
		line += "; " + b.note
	}
	return line
}

// share returns how much of the run is done, from 0 to 1, and how long the rest
// will take if it deviates from its plan as much as the finished steps did.
func (b *Bar) share(now time.Time) (float64, time.Duration) {
	var before, after time.Duration
	for i, s := range b.steps {
		if i < b.at {
			before += s.Plan
		} else if i > b.at {
			after += s.Plan
		}
	}
	pace := 1.0 // the time that steps took divided by their plan
	if before > 0 {
		pace = float64(b.since.Sub(b.begun)) / float64(before)
	}
	here, whole := now.Sub(b.since), time.Duration(pace*float64(b.steps[b.at].Plan))
	if b.part > 0 {
		whole = max(whole, time.Duration(float64(here)/b.part))
	}
	rest := max(0, whole-here) + time.Duration(pace*float64(after))
	all := now.Sub(b.begun) + rest
	if all <= 0 {
		return 0, rest
	}
	return float64(now.Sub(b.begun)) / float64(all), rest
}
