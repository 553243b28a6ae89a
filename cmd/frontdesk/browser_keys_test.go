package main

import (
	"fmt"
	"testing"
)

// keys presses keys one after the other, such as "j" or "Ctrl+k", where the focus is.
func (b *tab) keys(names ...string) {
	b.t.Helper()
	for _, name := range names {
		b.must(b.page.key(name))
	}
}

func TestStaffWorkWithTheKeyboard(t *testing.T) {
	t.Parallel()
	d := startDesk(t)
	ana, b := newPerson(t, d.base), newTab(t, d.base)
	ana.register("Ana Kovač", "ana@example.org")
	for _, subject := range []string{"A lamp", "A bell", "A brake"} {
		ana.ticket(subject, "It is broken.")
	}
	focused := func(selector, what string) {
		t.Helper()
		b.until(fmt.Sprintf("document.activeElement.matches(%q)", selector), what)
	}
	b.signIn(adminEmail)
	b.open("/dashboard")
	b.keys("j")
	focused("#row-1 a", "the first ticket after j")
	b.keys("j", "j", "j", "k")
	focused("#row-2 a", "the second ticket after j and k")
	b.keys("o")
	b.until("location.pathname === '/tickets/2'", "the ticket that o opens")
	b.keys("j")
	b.until("location.pathname === '/tickets/3'", "the next ticket of the view")
	b.keys("s")
	focused("#triage select[name=status]", "the status after s")
	b.run("document.activeElement.blur()")
	b.keys("r")
	focused("#reply textarea", "the reply after r")
	b.keys("j", "?")
	if got := b.eval("document.activeElement.value + ' ' + location.pathname"); got != "j? /tickets/3" {
		t.Errorf("keys in a text field: got %q, want that they are typed", got)
	}

	b.open("/dashboard")
	b.keys("Ctrl+k")
	b.see("dialog.palette[open] [role=option]")
	b.keys("b", "e", "l", "l")
	b.until("document.querySelectorAll('.palette [role=option]').length === 1", "one result")
	if got := b.eval("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true }))"); got != "true" {
		t.Error("the Enter of an input method opens the result")
	}
	b.keys("Enter")
	b.until("location.pathname === '/tickets/2'", "the ticket that the palette opens")
	b.keys("?")
	b.until("location.pathname === '/shortcuts'", "the list of shortcuts")

	b.open("/account")
	b.run("document.querySelector('[name=shortcuts][value=off]').click()")
	b.press("Save shortcuts")
	b.read("Single keys are off.")
	b.open("/dashboard")
	b.keys("j")
	if got := b.eval("document.activeElement.tagName"); got != "BODY" {
		t.Errorf("switched off, j moves the focus to %s", got)
	}
}
