package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/savedview"
)

// viewDesk is a desk with a team, and a view of each kind.
type viewDesk struct {
	fixture
	people map[string]account.Actor
	team   string           // its id
	views  map[string]int64 // own, team's and everybody's
}

// newViewDesk returns a desk with a team, people of each role, and one view of each
// sharing.
func newViewDesk(t *testing.T) viewDesk {
	t.Helper()
	h := viewDesk{fixture: newFixture(t, desk.Options{}), people: map[string]account.Actor{}, views: map[string]int64{}}
	for _, name := range []string{"owner", "colleague", "member", "lead"} {
		h.people[name] = h.person(name, account.RoleAgent)
	}
	h.people["admin"], h.people["customer"] = h.person("admin", account.RoleAdmin), h.person("customer", account.RoleCustomer)
	team := h.number("insert into teams (name, name_key) values ('Billing', 'billing') returning id")
	h.team = strconv.FormatInt(team, 10)
	h.exec("insert into team_members (team_id, user_id, lead) values ($1, $2, false), ($1, $3, true)", team, h.people["member"].ID, h.people["lead"].ID)
	h.views["own"] = h.adds(h.people["owner"], savedview.Input{Name: "Urgent", Query: "priority=Urgent"})
	h.views["team's"] = h.adds(h.people["lead"], savedview.Input{Name: "Refunds", Query: "q=refund", Share: h.team})
	h.views["everybody's"] = h.adds(h.people["admin"], savedview.Input{Name: "New", Query: "status=OPEN", Share: savedview.ShareEverybody})
	return h
}

// adds adds a view and returns its id.
func (h viewDesk) adds(actor account.Actor, in savedview.Input) int64 {
	h.t.Helper()
	id, err := h.Views.Add(h.t.Context(), actor, in)
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// names returns the names of the views that the actor may read.
func (h viewDesk) names(actor account.Actor) (names []string) {
	h.t.Helper()
	all, err := h.Views.List(h.t.Context(), actor)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, v := range all {
		names = append(names, v.Name)
	}
	return names
}

// Access to a view, in ascending order.
const (
	hidden = iota
	readable
	changeable
)

// viewAccess has the access to the views of [newViewDesk], by person and view.
var viewAccess = map[string]map[string]int{
	"owner":     {"own": changeable, "team's": hidden, "everybody's": readable},
	"colleague": {"own": hidden, "team's": hidden, "everybody's": readable},
	"member":    {"own": hidden, "team's": readable, "everybody's": readable},
	"lead":      {"own": hidden, "team's": changeable, "everybody's": readable},
	"admin":     {"own": hidden, "team's": changeable, "everybody's": changeable},
	"customer":  {"own": hidden, "team's": hidden, "everybody's": hidden},
}

func TestAViewIsReadAndChangedByThoseWithWhomItIsShared(t *testing.T) {
	t.Parallel()
	h := newViewDesk(t)
	for name, views := range viewAccess {
		for kind, access := range views {
			actor, id := h.people[name], h.views[kind]
			got, err := h.Views.Get(t.Context(), actor, id)
			if want := access == hidden; errors.Is(err, fault.ErrNotFound) != want {
				t.Errorf("%s reads %s view: got the error %v, want not found: %v", name, kind, err, want)
			}
			if want := access == changeable; got.MayChange != want {
				t.Errorf("%s may change %s view: got %v, want %v", name, kind, got.MayChange, want)
			}
			want := map[int]error{hidden: fault.ErrNotFound, readable: fault.ErrForbidden}[access]
			if name == "customer" {
				want = fault.ErrForbidden
			}
			if err := h.Views.Move(t.Context(), actor, id, savedview.Up); !errors.Is(err, want) {
				t.Errorf("%s moves %s view: got %v, want %v", name, kind, err, want)
			}
			if err := h.Views.Pin(t.Context(), actor, id, true); (err == nil) != (access != hidden) {
				t.Errorf("%s pins %s view: got %v", name, kind, err)
			}
		}
	}
}

func TestAListHasTheViewsThatAUserMayRead(t *testing.T) {
	t.Parallel()
	h := newViewDesk(t)
	for name, want := range map[string][]string{"owner": {"Urgent", "New"}, "colleague": {"New"}, "member": {"New", "Refunds"}, "admin": {"New", "Refunds"}} {
		if got := h.names(h.people[name]); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	if _, err := h.Views.List(t.Context(), h.people["customer"]); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("a customer: got %v, want %v", err, fault.ErrForbidden)
	}
}

func TestAMemberWhoLeavesATeamLosesItsViews(t *testing.T) {
	t.Parallel()
	h := newViewDesk(t)
	member := h.people["member"]
	if err := h.Views.Pin(t.Context(), member, h.views["team's"], true); err != nil {
		t.Fatal(err)
	}
	h.exec("delete from team_members where user_id = $1", member.ID)
	if got := h.names(member); !slices.Equal(got, []string{"New"}) {
		t.Errorf("got %v, want only the view of everybody", got)
	}
	if _, err := h.Views.Get(t.Context(), member, h.views["team's"]); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("got %v, want %v", err, fault.ErrNotFound)
	}
}

func TestOnlyLeadsAndAdminsShareViews(t *testing.T) {
	t.Parallel()
	h := newViewDesk(t)
	for _, c := range []struct {
		who, share string
		ok         bool
	}{{"member", h.team, false}, {"lead", h.team, true}, {"admin", h.team, true}, {"lead", savedview.ShareEverybody, false},
		{"admin", savedview.ShareEverybody, true}, {"admin", "999", false}, {"lead", "x", false}} {
		_, err := h.Views.Add(t.Context(), h.people[c.who], savedview.Input{Name: "Of " + c.who, Share: c.share})
		if c.ok != (err == nil) {
			t.Errorf("%s shares with %s: got %v, want success: %v", c.who, c.share, err, c.ok)
		}
		if err != nil {
			desk.WantInvalid(t, err, "share", c.who, " shares with ", c.share)
		}
	}
}

func TestTheQueryOfAViewIsCheckedAndStoredInOneForm(t *testing.T) {
	t.Parallel()
	h := newViewDesk(t)
	owner := h.people["owner"]
	for i, c := range []struct{ query, want string }{
		{"status=OPEN&priority=High", "priority=High&status=OPEN"},
		{"https://desk.example.org/tickets?status=OPEN&category=&after=AAAA", "status=OPEN"},
		{"", ""},
		{"q=caf%C3%A9+latte&view=7", "q=caf%C3%A9+latte"},
	} {
		id := h.adds(owner, savedview.Input{Name: fmt.Sprint("View ", i), Query: c.query})
		if got, err := h.Views.Get(t.Context(), owner, id); err != nil || got.Query != c.want {
			t.Errorf("%s: got %q (%v), want %q", c.query, got.Query, err, c.want)
		}
	}
	for _, query := range []string{"colour=red", "status=LOST", "priority=%zz", "category=Nothing", "sort=random", "q=" + strings.Repeat("%F0%9F%98%80", 400), "a=1;b=2"} {
		_, err := h.Views.Add(t.Context(), owner, savedview.Input{Name: "Wrong", Query: query})
		desk.WantInvalid(t, err, "query", query)
	}
}

func TestAFormThatIsSentTwiceAddsOneView(t *testing.T) {
	t.Parallel()
	h := newViewDesk(t)
	owner := h.people["owner"]
	first := h.adds(owner, savedview.Input{Name: "Lamps", Query: "q=lamp"})
	if second := h.adds(owner, savedview.Input{Name: " Lamps ", Query: "q=lamp"}); second != first {
		t.Errorf("got the view %d, want %d", second, first)
	}
	_, err := h.Views.Add(t.Context(), owner, savedview.Input{Name: "LAMPS", Query: "q=fan"})
	desk.WantInvalid(t, err, "name", "another view with the name")
	h.adds(h.people["colleague"], savedview.Input{Name: "Lamps", Query: "q=lamp"})
}

func TestViewsAreMovedAmongThoseOfTheSameOwner(t *testing.T) {
	t.Parallel()
	h := newViewDesk(t)
	owner := h.people["owner"]
	second := h.adds(owner, savedview.Input{Name: "Second"})
	for _, step := range []struct {
		direction string
		want      []string
	}{
		{savedview.Up, []string{"Second", "Urgent", "New"}},
		{savedview.Up, []string{"Second", "Urgent", "New"}},
		{savedview.Down, []string{"Urgent", "Second", "New"}},
		{savedview.Down, []string{"Urgent", "Second", "New"}},
	} {
		if err := h.Views.Move(t.Context(), owner, second, step.direction); err != nil {
			t.Fatal(err)
		}
		if got := h.names(owner); !slices.Equal(got, step.want) {
			t.Errorf("moved %s: got %v, want %v", step.direction, got, step.want)
		}
	}
}

func TestManyTeamsLeaveRoomForPinnedViews(t *testing.T) {
	t.Parallel()
	h := newViewDesk(t)
	owner := h.people["owner"]
	h.exec("insert into teams (name, name_key) select 'Team ' || n, 'team ' || n from generate_series(10, 60) n")
	h.exec("insert into team_members (team_id, user_id, lead) select id, $1, name = 'Team 60' from teams where name like 'Team %'", owner.ID)
	bar, err := h.Views.Sidebar(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	if len(bar.Pinned) != 1 {
		t.Fatalf("got %d elements, want 1: %+v", len(bar.Pinned), bar.Pinned)
	}
	if bar.Pinned[0].Name != "Urgent" {
		t.Errorf(`the name is %q, want "Urgent"`, bar.Pinned[0].Name)
	}
	var names []string
	for _, v := range bar.Teams {
		names = append(names, v.Name)
	}
	n := len(names)
	if n != 41 {
		t.Errorf("got %d teams, want 41: %v", n, names)
	}
	if names[0] != "Team 10" {
		t.Errorf(`names[0] is %q, want "Team 10"`, names[0])
	}
	if got := names[n-3:]; !slices.Equal(got, []string{"Team 48", "Team 60", savedview.ViewAllTeams}) {
		t.Errorf("the last teams are %q, want %q", got, []string{"Team 48", "Team 60", savedview.ViewAllTeams})
	}
	if want := "sort=waiting&status=ACTIVE&team=mine"; bar.Teams[len(names)-1].Query != want {
		t.Errorf("the last view has the query %q, want %q", bar.Teams[len(names)-1].Query, want)
	}
	if len(bar.Led) != 1 {
		t.Errorf("got the led teams %v, want one", bar.Led)
	}
}
