package handlers

import (
	"net/url"
	"strings"
	"testing"

	"frontdesk/handlers/web"
)

func TestFieldsDoNotTruncatePastedTextAndReportItsLength(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	id := a.opensTicket(ana, "Mine")
	long := func(n int) string { return strings.Repeat("ä", n) }
	for _, c := range []struct {
		who           *client
		page, post    string
		form          url.Values
		field, name   string
		typed, reason string
	}{
		{ana, "/tickets/new", "/tickets", aForm("s"), "#subject", "subject", long(300), "Remove 100 characters: this has 300, and the limit is 200."},
		{ana, "/tickets/new", "/tickets", aForm("d"), "#description", "description", long(20_001), "Remove 1 character: this has 20,001, and the limit is 20,000."},
		{ana, web.TicketURL(id), web.TicketURL(id) + "/comments", url.Values{}, "#text", "text", long(20_010), "Remove 10 characters"},
		{ana, web.TicketURL(id), web.TicketURL(id) + "/messages", url.Values{}, "#message", "text", long(2_500), "Remove 500 characters: this has 2,500, and the limit is 2,000."},
		{ana, "/account", "/account/profile", url.Values{"email": {"ana@example.org"}, "current": {password}}, "#username", "username", long(101), "Remove 1 character"},
		{ana, "/account", "/account/tokens", url.Values{"days": {"7"}}, "#name", "name", long(101), "Remove "},
		{priya, "/admin/categories", "/admin/categories", url.Values{}, "#name-0", "name", long(70), "Remove 10 characters"},
		{priya, "/admin/users/new", "/admin/users", url.Values{"email": {"new@example.org"}, "role": {"customer"}}, "#username", "username", long(150), "Remove 50 characters"},
	} {
		c.who.get(c.page).lacksElements(t, "[maxlength]").wantsElements(t, c.field)
		c.form.Set(c.name, c.typed)
		got := c.who.post(c.post, c.form).wants(t, 422)
		if kept := got.value(c.field); kept != c.typed {
			t.Errorf("%s: of %d characters %d are kept in %s", c.post, len([]rune(c.typed)), len([]rune(kept)), c.field)
		}
		if beside := got.text(c.field + "-error"); !strings.Contains(beside, c.reason) {
			t.Errorf("%s: the error of %s is %q, want %q", c.post, c.field, beside, c.reason)
		}
	}
}

func TestATooLongSearchStaysInItsFieldWithAnError(t *testing.T) {
	a := newApp(t)
	priya := a.admin("Priya")
	long := strings.Repeat("上", 230)
	for _, page := range []string{"/tickets", "/dashboard", "/admin/users"} {
		got := priya.get(page+"?q="+url.QueryEscape(long)).wants(t, 200)
		got.lacksElements(t, "[maxlength]").wantsValues(t, map[string]string{"#q": long})
		if want := "Remove 30 characters: this has 230, and the limit is 200."; !strings.Contains(got.text("#q-error"), want) {
			t.Errorf("%s: the error of the field is %q, want %q", page, got.text("#q-error"), want)
		}
		if got := priya.get(page + "?q=" + url.QueryEscape(strings.Repeat("上", 200))); got.has("#q-error") {
			t.Errorf("%s: 200 characters are refused", page)
		}
	}
}
