package desk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

// Whoever has the token of an ended session could otherwise fill the disk with it.
func TestTheNumberOfKeptFormsOfAUserIsLimited(t *testing.T) {
	t.Parallel()
	var c clock
	h := newFixture(t, c.options())
	ana := h.person("ana", account.RoleCustomer)
	h.open("ana's", ana)
	c.later(account.SessionIdle + time.Hour)
	kept := 0
	for i := range 30 {
		ok, err := h.keeps("ana's", fmt.Sprintf("/tickets/%d", i), map[string][]string{"text": {"x"}})
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			kept++
		}
	}
	if n := h.number("select count(*) from kept_forms"); n != 20 || kept != 20 {
		t.Errorf("%d are kept, and %d said to be", n, kept)
	}
	if ok, err := h.keeps("ana's", "/tickets/1", map[string][]string{"text": {"y"}}); !ok || err != nil {
		t.Error("a newer form of a page is not kept", err)
	}
}

// keeps keeps a form of the session that the token names, if that has ended.
func (h fixture) keeps(token, page string, fields map[string][]string) (bool, error) {
	user, err := h.Requests.EndedSession(h.t.Context(), token)
	if err != nil || user == 0 {
		return false, err
	}
	return h.Requests.KeepForm(h.t.Context(), user, page, fields)
}

func TestAFormIsKeptForADayAndReturnedOnceToItsOwner(t *testing.T) {
	t.Parallel()
	var c clock
	h := newFixture(t, c.options())
	ana, sam := h.person("ana", account.RoleCustomer), h.person("sam", account.RoleCustomer)
	keep := func(token, text string) bool {
		t.Helper()
		kept, err := h.keeps(token, "/tickets/new", map[string][]string{"subject": {text}})
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	take := func(who account.Actor) string {
		t.Helper()
		fields, err := h.Requests.TakeForm(t.Context(), who, "/tickets/new")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(fields["subject"], "")
	}
	h.open("ana's", ana)
	c.later(account.SessionIdle + time.Hour)
	if !keep("ana's", "Half an hour") || keep("nobody's", "x") || keep("ana's", strings.Repeat("x", desk.MaxKept)) {
		t.Error("kept what it should not, or not what it should")
	}
	if pages, err := h.Requests.KeptPages(t.Context(), ana); err != nil || len(pages) != 1 {
		t.Error(pages, err)
	}
	if got := take(sam) + "|" + take(ana) + "|" + take(ana); got != "|Half an hour|" {
		t.Errorf("given as %q", got)
	}
	keep("ana's", "Late")
	c.later(25 * time.Hour)
	if take(ana) != "" || keep("ana's", "Later") {
		t.Error("it lasts longer than a day")
	}
}
