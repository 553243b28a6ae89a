package handlers

import (
	"testing"
)

// wantsText fails the test if the first element that matches has another text.
func (p page) wantsText(t *testing.T, selector, want string) page {
	t.Helper()
	if got := p.text(selector); got != want {
		t.Errorf("%s %s: %s has the text %q, want %q", p.Request.Method, p.Request.URL, selector, got, want)
	}
	return p
}

// wantsCount fails the test unless n elements match.
func (p page) wantsCount(t *testing.T, selector string, n int) page {
	t.Helper()
	if got := p.doc.Find(selector).Length(); got != n {
		t.Errorf("%s %s: got %d elements %s, want %d", p.Request.Method, p.Request.URL, got, selector, n)
	}
	return p
}

// wantsElements fails the test for each selector that no element matches.
func (p page) wantsElements(t *testing.T, selectors ...string) page {
	t.Helper()
	for _, s := range selectors {
		if !p.has(s) {
			t.Errorf("%s %s: the element %s is missing", p.Request.Method, p.Request.URL, s)
		}
	}
	return p
}

// lacksElements fails the test for each selector that an element matches.
func (p page) lacksElements(t *testing.T, selectors ...string) page {
	t.Helper()
	for _, s := range selectors {
		if p.has(s) {
			t.Errorf("%s %s shows the element %s", p.Request.Method, p.Request.URL, s)
		}
	}
	return p
}

// wantsHeader fails the test if the header has another value.
func (p page) wantsHeader(t *testing.T, name, want string) page {
	t.Helper()
	if got := p.Header.Get(name); got != want {
		t.Errorf("%s %s: %s is %q, want %q", p.Request.Method, p.Request.URL, name, got, want)
	}
	return p
}

// wantsHeader fails the test if the header has another value.
func (r reply) wantsHeader(name, want string) reply {
	r.t.Helper()
	if got := r.Header.Get(name); got != want {
		r.t.Errorf("%s %s: %s is %q, want %q", r.Request.Method, r.Request.URL.Path, name, got, want)
	}
	return r
}
