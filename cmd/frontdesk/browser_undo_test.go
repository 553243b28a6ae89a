package main

import "testing"

// The socket usually delivers a change before the answer to the form that caused it.
func TestUndoIsAnnouncedIfAnUpdateArrivesBeforeItsAnswer(t *testing.T) {
	t.Parallel()
	_, _, priya := openTicket(t, chromium, adminEmail)
	before := priya.eval("document.querySelector('#triage [name=priority]').value")
	priya.choose("#triage [name=priority]", "Low")
	priya.press("Save changes")
	priya.until("document.querySelector('.toast p')?.textContent.includes('has priority Low')", "the toast with Undo")
	// The answer to Undo is delayed until the test has seen the updates.
	priya.run(`const fetch = window.fetch;
		window.fetch = async (url, options) => {
			const answer = await fetch(url, options);
			if (String(url).endsWith('/triage')) await new Promise(done => { window.release = done; });
			return answer;
		};`)
	priya.press("Undo")
	priya.until("typeof window.release === 'function'", "the answer")
	priya.until("document.querySelector('#triage [name=was_priority]').value === '"+before+"'", "the updates")
	priya.run("window.release()")
	output := "has priority " + before
	priya.until("document.querySelector('.toast p')?.textContent.includes('"+output+"')", "the toast")
	priya.until("[...document.querySelectorAll('#live > *')].some(p => p.textContent.includes('"+output+"'))", "the announcement")
	if got := priya.eval("document.activeElement.id || document.activeElement.textContent.trim().slice(0, 40)"); got != "Save changes" {
		t.Errorf("the focus is on %q, want the button of the form that was sent", got)
	}
}
