package main

import (
	"fmt"
	"strings"
	"time"
)

// open navigates to a path and waits until the page is loaded.
func (b *tab) open(path string) {
	b.t.Helper()
	b.must(b.page.open(b.base + path))
	b.see("h1")
}

// reload loads the page again.
func (b *tab) reload() {
	b.t.Helper()
	b.must(b.page.reload())
}

// back goes one entry back in the history. It does not wait for the page, because a page that the
// browser restores from memory has no load event.
func (b *tab) back() {
	b.t.Helper()
	b.must(b.page.back())
}

// see waits until a selector matches an element.
func (b *tab) see(selector string) {
	b.t.Helper()
	b.until(fmt.Sprintf("document.querySelector(%q) !== null", selector), selector)
}

// read waits until the text of the page contains text.
func (b *tab) read(text string) {
	b.t.Helper()
	b.until(fmt.Sprintf("document.body.textContent.replace(/\\s+/g, ' ').includes(%q)", text), "the words "+text)
}

// until waits until an expression is true, also across navigations.
func (b *tab) until(expression, what string) {
	b.t.Helper()
	b.poll(expression, what, func(value string) bool { return value == "true" })
}

// poll evaluates an expression on the loaded page until done returns true for its value. It
// tries again after an error, for example while the browser leaves the page.
func (b *tab) poll(expression, what string, done func(value string) bool) {
	b.t.Helper()
	var last error
	for deadline := time.Now().Add(stepTimeout); time.Now().Before(deadline); time.Sleep(25 * time.Millisecond) {
		value, err := b.page.eval("document.readyState === 'complete' && (" + expression + ")")
		if err == nil && done(value) {
			return
		}
		last = err
	}
	b.t.Fatalf("at %s: timeout while waiting for %s (%v)\n%s", b.address(), what, last, b.excerpt())
}

// eval returns the string value of an expression.
func (b *tab) eval(expression string) string {
	b.t.Helper()
	value, err := b.page.eval(expression)
	if err != nil {
		b.t.Fatalf("at %s: %.200s: %v", b.address(), expression, err)
	}
	return value
}

// run executes statements in the page.
func (b *tab) run(statements string) {
	b.t.Helper()
	b.eval("(() => {" + statements + "})()")
}

// fill replaces the value of a field as a paste does, so that the page gets its events.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.focus(selector)
	b.run("document.activeElement.select()")
	b.must(b.page.insert(text))
}

// focus focuses a field without scrolling. It first opens a details element around the field.
func (b *tab) focus(selector string) {
	b.t.Helper()
	b.see(selector)
	b.run(fmt.Sprintf("const f = document.querySelector(%q); f.closest('details')?.setAttribute('open', ''); f.focus({ preventScroll: true })", selector))
}

// choose sets a select to a value and dispatches the change event, as the user's choice does.
func (b *tab) choose(selector, value string) {
	b.t.Helper()
	b.chooseBy(selector, "value", value)
}

// pick chooses the option of a select with a label.
func (b *tab) pick(selector, label string) {
	b.t.Helper()
	b.chooseBy(selector, "text", label)
}

// chooseBy chooses the option of a select whose property has the value.
func (b *tab) chooseBy(selector, property, value string) {
	b.t.Helper()
	b.see(selector)
	b.run(fmt.Sprintf(`const s = document.querySelector(%q);
		s.value = [...s.options].find(o => o.%s === %q).value;
		s.dispatchEvent(new Event('input', {bubbles: true})); s.dispatchEvent(new Event('change', {bubbles: true}));`, selector, property, value))
}

// click scrolls to an element and clicks it with the mouse.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.tap(fmt.Sprintf("document.querySelector(%q)", selector), selector)
}

// press clicks the button or link whose text begins with text.
func (b *tab) press(text string) {
	b.t.Helper()
	path := fmt.Sprintf(`//*[self::button or self::a or self::summary][starts-with(normalize-space(.), %q)]`, text)
	b.tap(fmt.Sprintf("document.evaluate(%q, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE).singleNodeValue", path), "the button "+text)
}

// aim is a function of JavaScript that scrolls to an element and returns the point for a click,
// such as "640 400", or "" while another element covers it. If the scripts of the page are
// enabled, window.tapped is true after the element got the click.
const aim = `(e => {
	if (!e) return '';
	e.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
	const r = e.getClientRects()[0];
	if (!r) return '';
	const x = r.left + r.width / 2, y = r.top + r.height / 2, there = document.elementFromPoint(x, y);
	if (!there || !e.contains(there) && !there.contains(e)) return '';
	window.tapped = false;
	e.addEventListener('click', () => { window.tapped = true; }, { capture: true, once: true });
	return x + ' ' + y;
})`

// point returns the point for a click on the element of an expression when it has had the same
// position twice.
func (b *tab) point(element, what string) (x, y float64) {
	b.t.Helper()
	var before string
	b.poll(aim+"("+element+")", what, func(now string) bool {
		still := strings.Contains(now, " ") && now == before
		before = now
		return still
	})
	if _, err := fmt.Sscan(before, &x, &y); err != nil {
		b.t.Fatalf("%s is at %q", what, before)
	}
	return x, y
}

// tap clicks on the element of an expression. If an update moves the element before the click
// arrives, tap clicks again.
func (b *tab) tap(element, what string) {
	b.t.Helper()
	for deadline := time.Now().Add(stepTimeout); time.Now().Before(deadline); {
		x, y := b.point(element, what)
		b.must(b.page.tap(x, y))
		missing := "window.tapped === false"
		if b.scriptless { // its page gets no click event, but a button has the focus after a click
			missing += " && (e => e && e.matches('button') && document.activeElement !== e)(" + element + ")"
		}
		// eval fails while the browser leaves a page.
		if missed, err := b.page.eval(missing); err != nil || missed != "true" {
			return
		}
	}
	b.t.Fatalf("at %s: no click arrived at %s", b.address(), what)
}

// attach chooses files in a file input.
func (b *tab) attach(selector string, paths ...string) {
	b.t.Helper()
	b.see(selector)
	b.must(b.page.attach(selector, paths))
}

// enterKey presses Enter in a field.
func (b *tab) enterKey(selector string) {
	b.t.Helper()
	b.focus(selector)
	b.must(b.page.key("Enter"))
}

// compose types text with an input method in a field, with Enter at its end.
func (b *tab) compose(selector, text string) {
	b.t.Helper()
	b.focus(selector)
	b.must(b.page.compose(text))
}

// address returns the path and the query of the page, for failure messages.
func (b *tab) address() string {
	here, err := b.page.eval("location.href")
	if err != nil {
		return "an unknown page"
	}
	return strings.TrimPrefix(here, b.base)
}

// excerpt returns the beginning of the text of the page, for failure messages.
func (b *tab) excerpt() string {
	words, err := b.page.eval("document.body.innerText.slice(0, 1500)")
	if err != nil {
		return "(the page could not be read)"
	}
	return words
}
