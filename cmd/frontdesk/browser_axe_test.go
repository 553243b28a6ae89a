package main

import (
	_ "embed"
	"strconv"
	"strings"
)

// axeSource is axe-core 4.14.1 as npm has it (MPL 2.0, see testdata/axe.LICENSE). The
// DevTools evaluate it, so the page's policy stays as strict as people get it.
//
//go:embed testdata/axe.min.js
var axeSource string

// axeRun returns an expression for one line for each rule of a set that is broken. Details
// of rules that hold, and selectors, are not computed.
func axeRun(rules string) string {
	return `axe.run(document, {runOnly: ` + rules + `, resultTypes: ['violations'], selectors: false})
	.then(result => result.violations.map(v => v.id + ': ' + v.help + ': ' +
		v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + (n.any[0]?.message ?? '')).join(' | ')).join('\n'))`
}

// axeThemes are the themes, and the rules that are checked in each. The dark theme differs
// from the light one in its colours alone.
var axeThemes = []struct{ name, rules string }{
	{"light", "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"},
	{"dark", "['color-contrast', 'link-in-text-block']"},
}

// sideways names what reaches over the right edge, where the page scrolls sideways.
const sideways = `document.documentElement.scrollWidth <= document.documentElement.clientWidth ? '' :
	[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
		.slice(0, 4).map(e => e.outerHTML.slice(0, 120)).join(' | ')`

// inspect checks the page one is on as everybody gets it: axe in both themes
// and on a phone, one heading of the first rank, no sideways scroll at 320 pixels.
// Journeys in other browsers skip this: the markup and the rules are the same.
func (b *tab) inspect(name string) {
	b.t.Helper()
	if b.browser.name != chromium.name {
		return
	}
	b.run(axeSource)
	for _, theme := range axeThemes {
		for _, width := range []int64{1280, 360} {
			b.theme(theme.name)
			b.width(width)
			b.until("document.getAnimations().every(a => a.playState !== 'running')", "colours to settle")
			for _, broken := range strings.Split(b.eval(axeRun(theme.rules)), "\n") {
				if broken != "" {
					b.t.Errorf("%s, %s, %d pixels: %s", name, theme.name, width, broken)
				}
			}
		}
	}
	b.width(320)
	if wide := b.eval(sideways); wide != "" {
		b.t.Errorf("%s scrolls sideways at 320 pixels: %s", name, wide)
	}
	if n, _ := strconv.Atoi(b.eval("document.querySelectorAll('h1').length")); n != 1 {
		b.t.Errorf("%s has %d headings of the first rank", name, n)
	}
	b.theme("light")
	b.width(1280)
}
