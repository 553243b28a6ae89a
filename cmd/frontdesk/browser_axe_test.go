package main

import (
	_ "embed"
	"strconv"
	"strings"
)

// axeSource is axe-core 4.14.1 from npm (MPL 2.0, see testdata/axe.LICENSE). It is evaluated by
// DevTools, so that the pages have the same content security policy as for users.
//
//go:embed testdata/axe.min.js
var axeSource string

// axeRun returns an expression whose value has one line for each violated rule of a set. It does
// not compute selectors, or details of passed rules.
func axeRun(rules string) string {
	return `axe.run(document, {runOnly: ` + rules + `, resultTypes: ['violations'], selectors: false})
	.then(result => result.violations.map(v => v.id + ': ' + v.help + ': ' +
		v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + (n.any[0]?.message ?? '')).join(' | ')).join('\n'))`
}

// axeThemes has the themes, and the rules and widths that are checked in each. The dark theme differs
// from the light one only in its colours, which are the same in each width.
var axeThemes = []struct {
	name, rules string
	widths      []int64
}{
	{"light", "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']", []int64{1280, 360}},
	{"dark", "['color-contrast', 'link-in-text-block']", []int64{1280}},
}

// sideways is an expression for the elements beyond the right edge of a page that scrolls
// sideways, or "".
const sideways = `document.documentElement.scrollWidth <= document.documentElement.clientWidth ? '' :
	[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
		.slice(0, 4).map(e => e.outerHTML.slice(0, 120)).join(' | ')`

// inspect checks the current page: axe in both themes and in the width of a phone, one h1, and
// no sideways scrolling at 320 pixels. It does nothing in other browsers than Chromium, because
// the markup and the rules are the same.
func (b *tab) inspect(name string) {
	b.t.Helper()
	if b.browser.name != chromium.name {
		return
	}
	b.run(axeSource)
	for _, theme := range axeThemes {
		for _, width := range theme.widths {
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
		b.t.Errorf("%s has %d h1 headings", name, n)
	}
	b.theme("light")
	b.width(1280)
}
