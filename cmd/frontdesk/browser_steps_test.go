package main

import (
	"fmt"
	"strings"
	"time"
)

// open goes to a path and waits for the page to be there.
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

// back presses the browser's Back. It does not wait for the page: one that the
// browser kept whole reports no loading.
func (b *tab) back() {
	b.t.Helper()
	b.must(b.page.back())
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
	b.poll(expression, what, func(value string) bool { return value == "true" })
}

// poll evaluates an expression on the loaded page until done accepts its value.
// What goes wrong in between, such as a page that is just being left, is tried again.
func (b *tab) poll(expression, what string, done func(value string) bool) {
	b.t.Helper()
	var last error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(25 * time.Millisecond) {
		value, err := b.page.eval("document.readyState === 'complete' && (" + expression + ")")
		if err == nil && done(value) {
			return
		}
		last = err
	}
	b.t.Fatalf("at %s: waited in vain for %s (%v)\n%s", b.address(), what, last, b.excerpt())
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

// fill replaces what stands in a field as a paste does, so that the page hears of it.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.focus(selector)
	b.run("document.activeElement.select()")
	b.must(b.page.insert(text))
}

// focus moves the keyboard to a field, without scrolling. A fold around the field
// is opened first.
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

// pick chooses the option of a select that reads so.
func (b *tab) pick(selector, label string) {
	b.t.Helper()
	b.chooseBy(selector, "text", label)
}

func (b *tab) chooseBy(selector, property, value string) {
	b.t.Helper()
	b.see(selector)
	b.run(fmt.Sprintf(`const s = document.querySelector(%q);
		s.value = [...s.options].find(o => o.%s === %q).value;
		s.dispatchEvent(new Event('input', {bubbles: true})); s.dispatchEvent(new Event('change', {bubbles: true}));`, selector, property, value))
}

// click scrolls to something and presses it with the mouse.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.tap(fmt.Sprintf("document.querySelector(%q)", selector), selector)
}

// press clicks the button or link whose words begin with text.
func (b *tab) press(text string) {
	b.t.Helper()
	path := fmt.Sprintf(`//*[self::button or self::a or self::summary][starts-with(normalize-space(.), %q)]`, text)
	b.tap(fmt.Sprintf("document.evaluate(%q, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE).singleNodeValue", path), "the button "+text)
}

// aim returns the point of an element that a click goes to, such as "640 400", or
// "" as long as something else is there. It scrolls to the element. Where the
// page's scripts are on, window.tapped is true later if the element got a click.
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

// tap clicks on the element of an expression once it is in the same place at two
// looks. Updates can still move it in the meantime; then it is clicked again.
func (b *tab) tap(element, what string) {
	b.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		var before string
		b.poll(aim+"("+element+")", what, func(now string) bool {
			still := strings.Contains(now, " ") && now == before
			before = now
			return still
		})
		var x, y float64
		if _, err := fmt.Sscan(before, &x, &y); err != nil {
			b.t.Fatalf("%s is at %q", what, before)
		}
		b.must(b.page.tap(x, y))
		// A page without scripts hears no click, and one that is left answers with an error.
		if missed, err := b.page.eval("window.tapped === false"); b.scriptless || err != nil || missed != "true" {
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

func (b *tab) address() string {
	here, err := b.page.eval("location.href")
	if err != nil {
		return "an unknown page"
	}
	return strings.TrimPrefix(here, b.base)
}

// excerpt is the beginning of the page's words, for the message of a failure.
func (b *tab) excerpt() string {
	words, err := b.page.eval("document.body.innerText.slice(0, 1500)")
	if err != nil {
		return "(the page could not be read)"
	}
	return words
}
