package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take to show what a step waits for. It is
// generous, as the race detector and two cores make a slow desk.
const patience = 20 * time.Second

// tab is one page of a browser of its own: no cookies, an empty history.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string

	drained  chan struct{} // closed when all of the console has been heard
	mu       sync.Mutex
	problems []string // what the console complained about
	allowed  []string // parts of complaints that a step provokes on purpose
}

// chromium finds the browser. Where CI is set a missing one is a failure, as
// these tests would otherwise pass by not running.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("no Chromium was found, and CI is set: install the package chromium")
	}
	t.Skip("no Chromium was found")
	return ""
}

// newTab starts a browser that looks at base. At the end of the test it closes,
// and complaints of the console that no step allowed fail the test.
func newTab(t *testing.T, base string) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("lang", "en-GB"),
		chromedp.WindowSize(1280, 800))
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closeTab := chromedp.NewContext(allocated, chromedp.WithErrorf(func(string, ...any) {}))
	b := &tab{t: t, ctx: ctx, base: base, drained: make(chan struct{})}
	t.Cleanup(func() {
		b.drain()
		closeTab()
		stop()
		for _, problem := range b.complaints() {
			t.Errorf("the console says: %s", problem)
		}
	})
	messages := chromedp.Console(ctx)
	go func() {
		for message, err := range messages {
			if err != nil {
				return
			}
			b.hear(message)
		}
	}()
	b.theme("light")
	return b
}

// farewell is the last thing written to the console, so that one knows all before it was heard.
const farewell = "the test is over"

func (b *tab) drain() {
	ctx, cancel := context.WithTimeout(b.ctx, 3*time.Second)
	defer cancel()
	if chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void]("console.log('"+farewell+"')")) != nil {
		return
	}
	select {
	case <-b.drained:
	case <-ctx.Done():
	}
}

func (b *tab) hear(message chromedp.ConsoleMessage) {
	if message.Text == farewell {
		close(b.drained)
		return
	}
	if !message.IsException() && message.Type != chromedp.ConsoleError && message.Type != chromedp.ConsoleWarning {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, message.Text+" "+message.URL)
}

// allow says that complaints with this text are provoked on purpose, such as
// the "status of 422" that Chromium logs for every refused form.
func (b *tab) allow(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.allowed = append(b.allowed, text)
}

func (b *tab) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var left []string
	for _, problem := range b.problems {
		provoked := false
		for _, text := range b.allowed {
			provoked = provoked || strings.Contains(problem, text)
		}
		if !provoked {
			left = append(left, problem)
		}
	}
	return left
}

// withoutScript turns the page's scripts off, as if the person had; the tests can still look.
func (b *tab) withoutScript() {
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// theme is what the system asks for: "light" or "dark". Nothing moves, so that pictures are still.
func (b *tab) theme(name string) {
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

func (b *tab) width(pixels int64) { b.do(chromedp.EmulateViewport(pixels, 800)) }

// call sends one command of the DevTools protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.t.Fatalf("%s: %v", command.Method, err)
	}
}
