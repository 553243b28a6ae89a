package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// do runs actions, each step within patience.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatalf("at %s: %v\n%s", b.address(), err, b.excerpt())
	}
}

// open goes to a path and waits for the page to be there.
func (b *tab) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.base + path))
	b.see("h1")
}

// see waits until a selector matches something.
func (b *tab) see(selector string) {
	b.t.Helper()
	b.until(fmt.Sprintf("document.querySelector(%q) !== null", selector), selector)
}

// read waits until the page's words hold the text.
func (b *tab) read(text string) {
	b.t.Helper()
	b.until(fmt.Sprintf("document.body.textContent.replace(/\\s+/g, ' ').includes(%q)", text), "the words "+text)
}

// until waits for an expression to be true, across navigations.
func (b *tab) until(expression, what string) {
	b.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(25 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(b.ctx, patience)
		met, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("document.readyState === 'complete' && ("+expression+")"))
		cancel()
		if err == nil && met {
			return
		}
	}
	b.t.Fatalf("at %s: waited in vain for %s\n%s", b.address(), what, b.excerpt())
}

// eval gives the string value of an expression.
func (b *tab) eval(expression string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[string]("(async () => String(await ("+expression+")))()", chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("at %s: %.200s: %v", b.address(), expression, err)
	}
	return value
}

// fill replaces what stands in a field as a paste does, so that the page hears of it.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.see(selector)
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf("{ const f = document.querySelector(%q); f.focus(); f.select(); }", selector)))
	call(b, input.InsertText, input.InsertTextParams{Text: text})
}

// choose sets a select and tells the page, as a person's choice does.
func (b *tab) choose(selector, value string) {
	b.t.Helper()
	b.see(selector)
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(() => { const s = document.querySelector(%q); s.value = %q;
		s.dispatchEvent(new Event('input', {bubbles: true})); s.dispatchEvent(new Event('change', {bubbles: true})); })()`, selector, value)))
}

// click scrolls to something and presses it with the mouse.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.see(selector)
	b.do(chromedp.ScrollIntoView(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector)))
}

// press clicks the button or link whose words begin with text.
func (b *tab) press(text string) {
	b.t.Helper()
	path := fmt.Sprintf(`//*[self::button or self::a or self::summary][starts-with(normalize-space(.), %q)]`, text)
	b.until(fmt.Sprintf("document.evaluate(%q, document, null, XPathResult.BOOLEAN_TYPE).booleanValue", path), "the button "+text)
	b.do(chromedp.ScrollIntoView(chromedp.Search(path)), chromedp.Click(chromedp.Search(path)))
}

// attach chooses files in a file input.
func (b *tab) attach(selector string, paths ...string) {
	b.t.Helper()
	b.see(selector)
	b.do(chromedp.SetUploadFiles(chromedp.CSS(selector), paths))
}

func (b *tab) address() string {
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Second)
	defer cancel()
	here, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		return "an unknown page"
	}
	return strings.TrimPrefix(here, b.base)
}

// excerpt is the beginning of the page's words, for the message of a failure.
func (b *tab) excerpt() string {
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Second)
	defer cancel()
	words, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText.slice(0, 1500)"))
	if err != nil {
		return "(the page could not be read)"
	}
	return words
}

// back presses the browser's Back. It does not wait: a page that was kept whole tells of no loading.
func (b *tab) back() {
	b.t.Helper()
	history, err := chromedp.Call(b.ctx, page.GetNavigationHistory, cdp.Empty{})
	if err != nil {
		b.t.Fatal(err)
	}
	before := history.Entries[history.CurrentIndex-1].ID
	call(b, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: before})
}

// pick chooses the option of a select that reads so.
func pick(selector, label string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{ const s = document.querySelector(%q);
		s.value = [...s.options].find(o => o.text === %q).value; s.dispatchEvent(new Event('change', {bubbles: true})); }`, selector, label))
}
