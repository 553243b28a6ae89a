package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

var chromium = browser{name: "Chromium", open: headlessShell.open, restoresFields: true}

// chromiumWithWindows has the cache of pages for Back, which the headless shell lacks.
var chromiumWithWindows = browser{name: "Chromium", open: wholeChromium.open, restoresFields: true}

// chromiumPage is a page of a Chromium that the tests share.
type chromiumPage struct {
	ctx      context.Context
	closeTab context.CancelFunc
}

// chromiumProcess is a browser that starts when the first page is opened.
type chromiumProcess struct {
	programs []string
	starting sync.Mutex
	ctx      context.Context // nil before the start
	end      func()
}

// headlessShell is Chromium without windows, which takes half the time for a journey. If it
// is not installed, its pages are opened in wholeChromium.
var headlessShell = &chromiumProcess{programs: []string{"chromium-headless-shell", "chrome-headless-shell"}}

var wholeChromium = &chromiumProcess{programs: []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}}

// start starts the browser at the first call.
func (c *chromiumProcess) start(t *testing.T) context.Context {
	t.Helper()
	c.starting.Lock()
	defer c.starting.Unlock()
	if c.ctx != nil {
		return c.ctx
	}
	if c == headlessShell && !slices.ContainsFunc(c.programs, isInstalled) {
		return wholeChromium.start(t)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(findBrowser(t, "chromium", c.programs...)),
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("lang", "en-GB"),
		// The features that chromedp turns off, and a process in reserve for each tab, which no test uses.
		chromedp.Flag("disable-features", "site-per-process,Translate,BlinkGenPropertyTrees,SpareRendererForSitePerProcess"),
		chromedp.WindowSize(1280, 800))
	allocated, free := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(allocated, chromedp.WithErrorf(func(string, ...any) {}))
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	c.ctx, c.end = ctx, func() { end(); free() }
	return ctx
}

// stop ends the browser if it was started.
func (c *chromiumProcess) stop() {
	if c.end != nil {
		c.end()
	}
}

// open implements browser.open.
func (c *chromiumProcess) open(t *testing.T, handle func(string, bool)) page {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(c.start(t), chromedp.WithNewBrowserContext())
	p := &chromiumPage{ctx: ctx, closeTab: closeTab}
	messages := chromedp.Console(ctx)
	go func() {
		for message, err := range messages {
			if err != nil {
				return
			}
			switch {
			case message.IsException(), message.Type == chromedp.ConsoleError, message.Type == chromedp.ConsoleWarning:
				handle(message.Text+" "+message.URL, true)
			default:
				handle(message.Text, false)
			}
		}
	}()
	if err := errors.Join(p.theme("light"), send(p, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})); err != nil {
		t.Fatalf("open a page in Chromium: %v", err)
	}
	return p
}

// do runs actions. Each of them may take up to stepTimeout.
func (p *chromiumPage) do(actions ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	return chromedp.Do(ctx, actions...)
}

// send sends one command of the DevTools protocol.
func send[P, R any](p *chromiumPage, c cdp.Command[P, R], params P) error {
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	_, err := chromedp.Call(ctx, c, params)
	return err
}

// open implements page.
func (p *chromiumPage) open(url string) error { return p.do(chromedp.Navigate(url)) }

// reload implements page.
func (p *chromiumPage) reload() error { return p.do(chromedp.Reload()) }

// close implements page.
func (p *chromiumPage) close() { p.closeTab() }

// back implements page.
func (p *chromiumPage) back() error {
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	history, err := chromedp.Call(ctx, cdppage.GetNavigationHistory, cdp.Empty{})
	if err != nil {
		return err
	}
	before := history.Entries[history.CurrentIndex-1].ID
	return send(p, cdppage.NavigateToHistoryEntry, cdppage.NavigateToHistoryEntryParams{EntryID: before})
}

// eval implements page.
func (p *chromiumPage) eval(expression string) (string, error) {
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[string]("(async () => String(await ("+expression+")))()", chromedp.EvalAwaitPromise))
}

// insert implements page.
func (p *chromiumPage) insert(text string) error {
	return send(p, input.InsertText, input.InsertTextParams{Text: text})
}

// tap implements page.
func (p *chromiumPage) tap(x, y float64) error { return p.do(chromedp.MouseClickXY(x, y)) }

// key sends one keyDown with its text, as a keyboard does: a page that prevents the default gets
// no line break. (chromedp.KeyEvent sends the text separately.)
func (p *chromiumPage) key(name string) error {
	key := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: name, Code: name, WindowsVirtualKeyCode: 40}
	switch name {
	case "Enter":
		key.Text, key.WindowsVirtualKeyCode = "\r", 13
	case "Tab":
		key.WindowsVirtualKeyCode = 9
	}
	if control, of := strings.CutPrefix(name, "Ctrl+"); of {
		key.Key, key.Code, key.Modifiers = control, "Key"+strings.ToUpper(control), 2 // the bit of Ctrl
	} else if len(name) == 1 {
		key.Code, key.Text, key.WindowsVirtualKeyCode = "", name, 0
	}
	if err := send(p, input.DispatchKeyEvent, key); err != nil {
		return err
	}
	key.Type, key.Text = input.DispatchKeyEventTypeKeyUp, ""
	return send(p, input.DispatchKeyEvent, key)
}

// attach implements page.
func (p *chromiumPage) attach(selector string, paths []string) error {
	return p.do(chromedp.SetUploadFiles(chromedp.CSS(selector), paths))
}

// compose sends the Enter that ends a composition as the system sends it to Chromium: with the
// key code 229, during the composition.
func (p *chromiumPage) compose(text string) error {
	n := int64(len([]rune(text)))
	return errors.Join(
		send(p, input.ImeSetComposition, input.ImeSetCompositionParams{Text: text, SelectionStart: n, SelectionEnd: n}),
		send(p, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 229}),
		send(p, input.InsertText, input.InsertTextParams{Text: text}),
		send(p, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyUp, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13}),
	)
}

// disableScript implements page.
func (p *chromiumPage) disableScript() error {
	return send(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// setCookie implements page.
func (p *chromiumPage) setCookie(domain, name, value string) error {
	return send(p, network.SetCookie, network.SetCookieParams{Name: name, Value: value, Domain: domain, Path: "/", HTTPOnly: new(true), SameSite: network.CookieSameSiteLax})
}

// theme sets the colour scheme of the system, "light" or "dark", and disables animations.
func (p *chromiumPage) theme(name string) error {
	return send(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

// printed shows the page as it is printed, until the theme is set.
func (p *chromiumPage) printed() error {
	return send(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
}

// connected enables or disables the network. It blocks the network before the page gets the
// event, because a page that goes offline sends a request at once, which must fail.
func (p *chromiumPage) connected(on bool) error {
	return errors.Join(
		send(p, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: !on, DownloadThroughput: -1, UploadThroughput: -1}},
		}),
		send(p, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: !on, DownloadThroughput: -1, UploadThroughput: -1}))
}

// size sets the size of the viewport in CSS pixels.
func (p *chromiumPage) size(width, height int64) error {
	return p.do(chromedp.EmulateViewport(width, height))
}

// picture returns a PNG of the page at a size in CSS pixels.
func (p *chromiumPage) picture(width, height int64) ([]byte, error) {
	if err := p.size(width, height); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	return chromedp.Run(ctx, chromedp.CaptureScreenshot())
}

// another opens a second page with the same cookies and storage.
func (p *chromiumPage) another() (*chromiumPage, error) {
	ctx, closeTab := chromedp.NewContext(p.ctx)
	if err := chromedp.Do(ctx); err != nil { // opens the page; the page would close with a shorter context
		return nil, err
	}
	second := &chromiumPage{ctx: ctx, closeTab: closeTab}
	return second, second.theme("light")
}
