package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// progress tells people how far the run is: on a terminal by one line that is
// drawn again and again, elsewhere by a line a work.
type progress struct {
	to       io.Writer
	terminal bool
	steps    []step
	begun    time.Time

	mu     sync.Mutex
	at     int       // the step under way
	since  time.Time // when it began
	note   string    // how far it is
	part   float64   // the same as a share; 0 is unknown
	noted  time.Time // when that was last printed, where lines are
	finish chan struct{}
}

// step is a part of the run and how long it is expected to take.
type step struct {
	name string
	plan time.Duration
}

// newProgress begins to tell. Call end once nothing follows.
func newProgress(to *os.File, steps []step) *progress {
	info, err := to.Stat()
	p := &progress{to: to, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb",
		steps: steps, begun: time.Now(), at: -1, finish: make(chan struct{})}
	if p.terminal {
		go p.draw()
	}
	return p
}

func (p *progress) draw() {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-p.finish:
			fmt.Fprint(p.to, "\r\x1b[K")
			return
		case <-tick.C:
		}
		p.mu.Lock()
		if p.at >= 0 {
			fmt.Fprintf(p.to, "\r\x1b[K%s", p.line(time.Now()))
		}
		p.mu.Unlock()
	}
}

// next begins the next step.
func (p *progress) next() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at++
	p.since, p.note, p.part, p.noted = time.Now(), "", 0, time.Now()
	if !p.terminal && p.at < len(p.steps) {
		fmt.Fprintln(p.to, p.line(time.Now()))
	}
}

// say tells that part of the step is done, a share, or 0 where that is unknown.
func (p *progress) say(part float64, format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.note, p.part = fmt.Sprintf(format, args...), part
	if !p.terminal && time.Since(p.noted) > 20*time.Second {
		p.noted = time.Now()
		fmt.Fprintln(p.to, p.line(time.Now()))
	}
}

func (p *progress) end() { close(p.finish) }

const barWidth = 20

func (p *progress) line(now time.Time) string {
	done, left := p.share(now)
	full := int(done * barWidth)
	line := fmt.Sprintf("[%s%s] %d of %d, %s; %s, about %s to go", strings.Repeat("#", full), strings.Repeat(".", barWidth-full),
		p.at+1, len(p.steps), p.steps[p.at].name, now.Sub(p.begun).Round(time.Second), left.Round(time.Second))
	if p.note != "" {
		line += "; " + p.note
	}
	return line
}

// share is how much of the run is done, and how long the rest will take, if it
// keeps to its plan as well or badly as what is done.
func (p *progress) share(now time.Time) (float64, time.Duration) {
	var before, after time.Duration
	for i, s := range p.steps {
		if i < p.at {
			before += s.plan
		} else if i > p.at {
			after += s.plan
		}
	}
	pace := 1.0 // how much longer things take than planned
	if before > 0 {
		pace = float64(p.since.Sub(p.begun)) / float64(before)
	}
	here, whole := now.Sub(p.since), time.Duration(pace*float64(p.steps[p.at].plan))
	if p.part > 0 {
		whole = max(whole, time.Duration(float64(here)/p.part))
	}
	rest := max(0, whole-here) + time.Duration(pace*float64(after))
	all := now.Sub(p.begun) + rest
	if all <= 0 {
		return 0, rest
	}
	return float64(now.Sub(p.begun)) / float64(all), rest
}
