package desk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

// Without the limit, anyone with the token of an ended session could fill the disk.
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
	n := h.number("select count(*) from kept_forms")
	if n != 20 {
		t.Errorf("%d forms are stored, want 20", n)
	}
	if kept != 20 {
		t.Errorf("kept is %d, want 20", kept)
	}
	if ok, err := h.keeps("ana's", "/tickets/1", map[string][]string{"text": {"y"}}); !ok || err != nil {
		t.Error("a newer form of a page is not kept", err)
	}
}

// keeps stores a form of the session with the token, if that has ended, and reports whether it
// did.
func (h fixture) keeps(token, page string, fields map[string][]string) (bool, error) {
	user, err := h.Requests.EndedSession(h.t.Context(), token)
	if err != nil || user == 0 {
		return false, err
	}
	return h.Requests.KeepForm(h.t.Context(), user, page, "/tickets", fields)
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
		kept, err := h.Requests.KeptForms(t.Context(), who, "/tickets/new")
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Requests.DropForms(t.Context(), who, kept); err != nil {
			t.Fatal(err)
		}
		var text string
		for _, f := range kept {
			text += strings.Join(f.Fields["subject"], "")
		}
		return text
	}
	h.open("ana's", ana)
	c.later(account.SessionIdle + time.Hour)
	if !keep("ana's", "Half an hour") {
		t.Error(`the wrong forms are kept: keep("ana's", "Half an hour") is false, want true`)
	}
	if keep("nobody's", "x") {
		t.Error(`the wrong forms are kept: keep("nobody's", "x") is true, want false`)
	}
	if keep("ana's", strings.Repeat("x", desk.MaxKept)) {
		t.Error(`the wrong forms are kept: keep("ana's", strings.Repeat("x", desk.MaxKept)) is true, want false`)
	}
	if pages, err := h.Requests.KeptPages(t.Context(), ana); err != nil || len(pages) != 1 {
		t.Error(pages, err)
	}
	if got := take(sam) + "|" + take(ana) + "|" + take(ana); got != "|Half an hour|" {
		t.Errorf("got %q", got)
	}
	keep("ana's", "First")
	first, err := h.Requests.KeptForms(t.Context(), ana, "/tickets/new")
	if err != nil {
		t.Fatal(err)
	}
	c.later(time.Minute)
	keep("ana's", "Second")
	if err := h.Requests.DropForms(t.Context(), ana, first); err != nil {
		t.Fatal(err)
	}
	if got := take(ana); got != "Second" {
		t.Errorf("a form that was stored after the dropped one is %q, want Second", got)
	}
	keep("ana's", "Late")
	c.later(25 * time.Hour)
	if got := take(ana); got != "" {
		t.Errorf(`the form is kept for more than a day: got %q, want ""`, got)
	}
	if keep("ana's", "Later") {
		t.Error(`the form is kept for more than a day: keep("ana's", "Later") is true, want false`)
	}
}
