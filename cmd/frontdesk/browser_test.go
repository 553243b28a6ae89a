package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a page may take to show what a step waits for. It is
// generous, because the race detector and two cores make a slow desk.
const patience = 20 * time.Second

// page is one page of a browser, with the few verbs that the steps of the tests
// are made of. Chromium speaks them by the DevTools protocol, Firefox by
// WebDriver BiDi. A verb that takes longer than patience fails.
type page interface {
	// open navigates to the URL and returns when the page is loaded.
	open(url string) error
	// reload loads the page again and returns when it is loaded.
	reload() error
	// back goes one entry back in the history. It may return before the page is there.
	back() error
	// eval returns the string value of an expression, which may be a promise. It
	// works where the page's own scripts are off, too.
	eval(expression string) (string, error)
	// insert puts text in place of the selection of the focused field, as an edit of the user.
	insert(text string) error
	// tap clicks at a point of the viewport, in CSS pixels.
	tap(x, y float64) error
	// key presses and releases a key: "Enter" or "ArrowDown".
	key(name string) error
	// compose types text with an input method and ends the composition with Enter.
	compose(text string) error
	// attach chooses files in a file input.
	attach(selector string, paths []string) error
	// disableScript turns off the scripts of the pages that come next.
	disableScript() error
	// connected cuts the network or restores it, and has the page know of it.
	connected(on bool) error
	close()
}

// browser opens pages. Each page has cookies and storage of its own.
type browser struct {
	name string
	// open opens a page that reports its console to hear.
	open func(t *testing.T, hear func(line string, isProblem bool)) page
	// restoresFields: without script, Back gives back what was typed on a page
	// that is not stored (Cache-Control: no-store). Firefox drops it with the page.
	restoresFields bool
	// sayings translate the complaints that tests allow from Chromium's words.
	sayings map[string]string
}

// browsers are all that a journey runs in.
var browsers = []browser{chromium, firefox}

// findBrowser returns the first of the programs that is installed. A missing one
// skips the test, or fails it where CI is set, because tests that do not run
// would pass unnoticed.
func findBrowser(t *testing.T, debianPackage string, programs ...string) string {
	t.Helper()
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed, and CI is set: install the Debian package %s", programs[0], debianPackage)
	}
	t.Skipf("%s is not installed (Debian package %s)", programs[0], debianPackage)
	return ""
}

// tab is a page that a test uses. Its methods fail the test.
type tab struct {
	t       *testing.T
	page    page
	browser browser
	base    string        // where the desk answers, such as http://127.0.0.1:34567
	drained chan struct{} // closed when all of the console has been heard
	// scriptless: the page's scripts are off.
	scriptless bool

	mu       sync.Mutex
	problems []string // errors and warnings of the console
	allowed  []string // parts of complaints that a step provokes on purpose
}

// newTab opens a page in Chromium that uses the desk at base.
func newTab(t *testing.T, base string) *tab {
	t.Helper()
	return chromium.newTab(t, base)
}

// newTab opens a page that uses the desk at base. At the end of the test it
// closes, and complaints of the console that no step allowed fail the test.
func (br browser) newTab(t *testing.T, base string) *tab {
	t.Helper()
	b := &tab{t: t, browser: br, base: base, drained: make(chan struct{})}
	b.page = br.open(t, b.hear)
	t.Cleanup(func() {
		b.drain()
		b.page.close()
		for _, problem := range b.complaints() {
			t.Errorf("the console of %s says: %s", br.name, problem)
		}
	})
	return b
}

// farewell is the last line of the console, so that all lines before it were heard.
const farewell = "the test is over"

func (b *tab) drain() {
	if _, err := b.page.eval("console.log('" + farewell + "')"); err != nil {
		return
	}
	select {
	case <-b.drained:
	case <-time.After(3 * time.Second): // a page that is being left may not log it
	}
}

func (b *tab) hear(line string, isProblem bool) {
	if line == farewell {
		close(b.drained)
		return
	}
	if !isProblem {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, line)
}

// allow accepts complaints with this text, because the test provokes them. The
// text is Chromium's, such as the "status of 422" that it logs for every refused form.
func (b *tab) allow(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.allowed = append(b.allowed, text)
	if own := b.browser.sayings[text]; own != "" {
		b.allowed = append(b.allowed, own)
	}
}

func (b *tab) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.problems), func(problem string) bool {
		return slices.ContainsFunc(b.allowed, func(text string) bool { return strings.Contains(problem, text) })
	})
}

// withoutScript turns the page's scripts off, as if the user had; the tests can still look.
func (b *tab) withoutScript() {
	b.t.Helper()
	b.scriptless = true
	b.must(b.page.disableScript())
}

// chromium returns the page for what this project's tests do in Chromium alone.
func (b *tab) chromium() *chromiumPage {
	b.t.Helper()
	p, is := b.page.(*chromiumPage)
	if !is {
		b.t.Fatalf("this test runs in Chromium alone, not in %s", b.browser.name)
	}
	return p
}

func (b *tab) theme(name string) { b.t.Helper(); b.must(b.chromium().theme(name)) }

func (b *tab) width(pixels int64) { b.t.Helper(); b.must(b.chromium().size(pixels, 800)) }

// must fails the test with what the page shows.
func (b *tab) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("at %s: %v\n%s", b.address(), err, b.excerpt())
	}
}
