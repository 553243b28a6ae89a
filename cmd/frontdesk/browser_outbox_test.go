package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

func TestALineWhoseAnswerIsSlowIsNotThereTwice(t *testing.T) {
	_, _, path, ana, priya := talk(t)
	ana.open(path)
	ana.do(chromedp.Evaluate[chromedp.Void](`{ const real = fetch; window.free = null;
		window.fetch = async (...of) => { const answer = await real(...of);
			if (/messages$/.test(of[0])) await new Promise(done => { window.free = done; });
			return answer; } }`))
	ana.says("See\nhttps://example.org/a")
	priya.until("document.querySelectorAll('.bubble').length === 1", "the line")
	ana.until("document.querySelector('.bubble[id]') !== null", "its entry, before the answer")
	const visible = "[...document.querySelectorAll('.bubble')].filter(b => b.checkVisibility()).length"
	if n := ana.eval(visible); n != "1" {
		t.Errorf("she sees it %s times", n)
	}
	ana.do(chromedp.Evaluate[chromedp.Void]("window.free()"))
	ana.until("document.querySelectorAll('.bubble').length === 1", "the one that waited gone")
}

func TestAPageOfSomebodyWhoLeftSendsNothingAsSomebodyElse(t *testing.T) {
	d, _, path, ana, priya := talk(t)
	ana.allow("WebSocket connection to")
	ana.open(path)
	priya.until("document.querySelector('#presence').textContent.includes('Ana')", "Ana on the ticket")
	admin := newPerson(t, d.base)
	admin.signIn(adminEmail)
	admin.post("/admin/users/"+ana.eval("document.querySelector('.menu').dataset.user")+"/sessions", nil)
	ana.see(".banner a[href^='/login']")
	ana.signsInElsewhere(adminEmail)
	ana.says("Whose line is this?")
	ana.see(".bubble[data-state=sending] footer")
	if n := admin.get(path).Find(".bubble").Length(); n != 0 {
		t.Error("a line of Ana's went out as the admin's")
	}
}
