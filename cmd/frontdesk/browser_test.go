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

// stepTimeout is the timeout of each step. It is long, because the desk is slow with the race
// detector on two cores.
const stepTimeout = time.Minute

// page is one page of a browser with the operations that tests need. It is implemented for
// Chromium with the DevTools protocol and for Firefox with WebDriver BiDi. An operation that
// takes longer than stepTimeout fails.
type page interface {
	// open navigates to the URL and returns when the page is loaded.
	open(url string) error
	// reload loads the page again and returns when it is loaded.
	reload() error
	// back goes one entry back in the history. It may return before the page is loaded.
	back() error
	// eval returns the string value of an expression, which may be a promise. It also works
	// if the scripts of the page are disabled.
	eval(expression string) (string, error)
	// insert replaces the selection of the focused field by text, as an edit of the user does.
	insert(text string) error
	// tap clicks at a point of the viewport, in CSS pixels.
	tap(x, y float64) error
	// key presses and releases a key: "Enter" or "ArrowDown".
	key(name string) error
	// compose types text with an input method and ends the composition with Enter.
	compose(text string) error
	// attach chooses files in a file input.
	attach(selector string, paths []string) error
	// disableScript disables the scripts of later pages.
	disableScript() error
	// setCookie sets a cookie of a session for all paths of a host.
	setCookie(domain, name, value string) error
	// connected cuts or restores the network and sends the event to the page.
	connected(on bool) error
	close()
}

// browser opens pages. Each page has its own cookies and storage.
type browser struct {
	name string
	// open opens a page that calls handle with each line of its console.
	open func(t *testing.T, handle func(line string, isProblem bool)) page
	// restoresFields reports whether Back, without script, restores text that was typed on a
	// page with Cache-Control: no-store. Firefox discards it with the page.
	restoresFields bool
	// consoleTexts maps a text of Chromium that tests allow in the console to the text of this browser.
	consoleTexts map[string]string
}

// browsers has all browsers in which journeys run.
var browsers = []browser{chromium, firefox}

// isInstalled reports whether a program is installed.
func isInstalled(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// findBrowser returns the first of the programs that is installed. If none is, it skips the test,
// or fails it if CI is set, because a skipped test would not be noticed there.
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
	base    string        // the address of the desk, such as http://127.0.0.1:34567
	drained chan struct{} // closed when all lines of the console have arrived
	// scriptless reports whether the scripts of the page are disabled.
	scriptless bool

	mu       sync.Mutex
	problems []string // errors and warnings of the console
	allowed  []string // parts of problems that a step causes intentionally
}

// newTab opens a page in Chromium that uses the desk at base.
func newTab(t *testing.T, base string) *tab {
	t.Helper()
	return chromium.newTab(t, base)
}

// newTab opens a page that uses the desk at base. When the test ends, it closes the page, and
// fails the test if the console has problems that were not allowed.
func (br browser) newTab(t *testing.T, base string) *tab {
	t.Helper()
	b := &tab{t: t, browser: br, base: base, drained: make(chan struct{})}
	b.page = br.open(t, b.handle)
	t.Cleanup(func() {
		b.drain()
		b.page.close()
		for _, problem := range b.unexpectedProblems() {
			t.Errorf("the console of %s has: %s", br.name, problem)
		}
	})
	return b
}

// lastLine is the last line of the console. All other lines have arrived before it.
const lastLine = "the test is over"

// drain waits until all lines of the console have arrived, at most three seconds.
func (b *tab) drain() {
	if _, err := b.page.eval("console.log('" + lastLine + "')"); err != nil {
		return
	}
	select {
	case <-b.drained:
	case <-time.After(3 * time.Second): // a page that the browser is leaving may not log it
	}
}

// handle stores a line of the console if it is an error or a warning.
func (b *tab) handle(line string, isProblem bool) {
	if line == lastLine {
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

// allow accepts problems with this text, because the test causes them. The text is that of
// Chromium, such as the "status of 422" that it logs for every refused form.
func (b *tab) allow(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.allowed = append(b.allowed, text)
	if own := b.browser.consoleTexts[text]; own != "" {
		b.allowed = append(b.allowed, own)
	}
}

// unexpectedProblems returns the problems that were not allowed.
func (b *tab) unexpectedProblems() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.problems), func(problem string) bool {
		return slices.ContainsFunc(b.allowed, func(text string) bool { return strings.Contains(problem, text) })
	})
}

// withoutScript disables the scripts of the page, as a user can. Expressions of tests still work.
func (b *tab) withoutScript() {
	b.t.Helper()
	b.scriptless = true
	b.must(b.page.disableScript())
}

// chromium returns the page for operations that are implemented only for Chromium.
func (b *tab) chromium() *chromiumPage {
	b.t.Helper()
	p, is := b.page.(*chromiumPage)
	if !is {
		b.t.Fatalf("this test runs only in Chromium, not in %s", b.browser.name)
	}
	return p
}

// theme sets the color scheme that the page prefers: "light" or "dark". Only for Chromium.
func (b *tab) theme(name string) { b.t.Helper(); b.must(b.chromium().theme(name)) }

// width sets the width of the viewport in CSS pixels. Only for Chromium.
func (b *tab) width(pixels int64) { b.t.Helper(); b.must(b.chromium().size(pixels, 800)) }

// must fails the test if err is not nil, and prints the text of the page.
func (b *tab) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("at %s: %v\n%s", b.address(), err, b.excerpt())
	}
}
