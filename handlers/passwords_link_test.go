package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestThePageOfALinkIsNeitherStoredNorNamed(t *testing.T) {
	a := newApp(t, sendsMail)
	a.customer("Ana")
	for _, path := range []string{a.passwordLink("ana@example.org"), "/password/guessed"} {
		got := a.visitor().get(path)
		for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"} {
			if h := got.Header.Get(name); h != want {
				t.Errorf("%s: %s is %q, want %q", path, name, h, want)
			}
		}
	}
}

func TestAFormOfALinkIsAcceptedFromItsOwnPageOnly(t *testing.T) {
	a := newApp(t, sendsMail)
	a.customer("Ana")
	link := a.passwordLink("ana@example.org")
	a.visitor().post(link, choosing(another), "Origin", "null").wants(t, http.StatusForbidden)
	elsewhere := a.visitor()
	elsewhere.get("/password/other")
	elsewhere.post(link, choosing(another), "Origin", "null").wants(t, http.StatusForbidden)
	own := a.visitor()
	own.get(link)
	own.post(link, choosing(another), "Origin", "null", "Sec-Fetch-Site", "cross-site").wants(t, http.StatusForbidden)
	own.post("/account/theme", url.Values{"theme": {"dark"}}, "Origin", "null").wants(t, http.StatusForbidden)
	own.post(link, choosing(another), "Origin", "null").leadsTo(t, "/tickets")
}

func TestTokensOfLinksAreNotLogged(t *testing.T) {
	a := newApp(t, sendsMail)
	a.customer("Ana")
	link := a.passwordLink("ana@example.org")
	b, log := a.failing(nil)
	b.visitor().get(link).wants(t, http.StatusOK)
	b.visitor().post(link, choosing("short")).wants(t, http.StatusUnprocessableEntity)
	a.exec("alter table account_links rename to away")
	b.visitor().get(link).wants(t, http.StatusInternalServerError)
	token := strings.TrimPrefix(link, "/password/")
	if strings.Contains(log.String(), token) {
		t.Errorf("the log is %q, want it without %q", log.String(), token)
	}
	if !strings.Contains(log.String(), "/password/:token") {
		t.Errorf(`the log is %q, want it with "/password/:token"`, log.String())
	}
}
