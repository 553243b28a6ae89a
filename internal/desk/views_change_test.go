package desk_test

import (
	"errors"
	"fmt"
	"testing"

	"frontdesk/internal/desk"
	"frontdesk/internal/savedview"
)

func TestAViewIsGivenToATeamAndTakenBack(t *testing.T) {
	t.Parallel()
	h := newViewDesk(t)
	lead := h.people["lead"]
	id := h.adds(lead, savedview.Input{Name: "Lamps", Query: "q=lamp"})
	for _, share := range []string{h.team, savedview.ShareMe} {
		if err := h.Views.Update(t.Context(), lead, id, savedview.Input{Name: "Fans", Query: "q=fan", Share: share}, nil); err != nil {
			t.Fatal(err)
		}
		_, err := h.Views.Get(t.Context(), h.people["member"], id)
		if want := share == h.team; (err == nil) != want {
			t.Errorf("shared with %s: a member gets %v, want to read it: %v", share, err, want)
		}
	}
}

func TestASaveOfAViewKeepsWhatAnotherUserChanged(t *testing.T) {
	t.Parallel()
	h := newViewDesk(t)
	admin, id := h.people["admin"], h.views["everybody's"]
	shown := savedview.Input{Name: "New", Query: "status=OPEN", Share: savedview.ShareEverybody}
	filtered, named := shown, shown
	filtered.Query, named.Name = "priority=High&status=OPEN", "Fresh"
	for _, in := range []savedview.Input{filtered, named} {
		if err := h.Views.Update(t.Context(), admin, id, in, &shown); err != nil {
			t.Fatal(err)
		}
	}
	got, err := h.Views.Get(t.Context(), admin, id)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != named.Name {
		t.Errorf("the name is %q, want %q", got.Name, named.Name)
	}
	if got.Query != filtered.Query {
		t.Errorf("the query is %q, want %q", got.Query, filtered.Query)
	}
	other := shown
	other.Query = "status=RESOLVED"
	var stale *savedview.Stale
	err = h.Views.Update(t.Context(), admin, id, other, &shown)
	if !errors.As(err, &stale) {
		t.Fatalf("a second new filter: got the error %v, want %T", err, stale)
	}
	if stale.Current.Query != filtered.Query {
		t.Errorf("a second new filter: the query of the current one is %q, want %q", stale.Current.Query, filtered.Query)
	}
}

func TestAViewOfARetiredTeamIsChangedAndStaysThere(t *testing.T) {
	t.Parallel()
	h := newViewDesk(t)
	lead, id := h.people["lead"], h.views["team's"]
	h.exec("update teams set retired_at = now()")
	if err := h.Views.Update(t.Context(), lead, id, savedview.Input{Name: "Old refunds", Query: "q=refund", Share: h.team}, nil); err != nil {
		t.Fatal(err)
	}
	got, err := h.Views.Get(t.Context(), lead, id)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "Old refunds" {
		t.Errorf(`the name is %q, want "Old refunds"`, got.Name)
	}
	if got.Share != h.team {
		t.Errorf("the share is %q, want %q", got.Share, h.team)
	}
}

func TestAViewOfADisabledOrDemotedAssigneeIsRenamedAndShared(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{"disabled": "update users set disabled_at = now() where id = $1", "demoted": "update users set role = 'customer' where id = $1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newViewDesk(t)
			lead, query := h.people["lead"], fmt.Sprint("assignee=", h.people["owner"].ID)
			id := h.adds(lead, savedview.Input{Name: "Owner's", Query: query})
			h.exec(change, h.people["owner"].ID)
			shown := savedview.Input{Name: "Owner's", Query: query, Share: savedview.ShareMe}
			renamed := savedview.Input{Name: "Left over", Query: query, Share: savedview.ShareMe}
			if err := h.Views.Update(t.Context(), lead, id, renamed, &shown); err != nil {
				t.Errorf("a new name: got %v, want success", err)
			}
			shared := savedview.Input{Name: "Left over", Query: query, Share: h.team}
			if err := h.Views.Update(t.Context(), lead, id, shared, nil); err != nil {
				t.Errorf("another sharing: got %v, want success", err)
			}
			got, err := h.Views.Get(t.Context(), lead, id)
			if err != nil {
				t.Fatal(err)
			}
			if stored := (savedview.Input{Name: got.Name, Query: got.Query, Share: got.Share}); stored != shared {
				t.Errorf("the view is %+v, want %+v", stored, shared)
			}
			changed := shared
			changed.Query += "&status=OPEN"
			err = h.Views.Update(t.Context(), lead, id, changed, &shared)
			desk.WantInvalid(t, err, "query", "another filter with the same assignee")
		})
	}
}

func TestAQueryThatTheFormShowedIsNotStored(t *testing.T) {
	t.Parallel()
	h := newViewDesk(t)
	owner, id := h.people["owner"], h.views["own"]
	shown := savedview.Input{Name: "Urgent", Query: "assignee=999", Share: savedview.ShareMe}
	if err := h.Views.Update(t.Context(), owner, id, savedview.Input{Name: "Now", Query: "assignee=999"}, &shown); err != nil {
		t.Fatal(err)
	}
	got, err := h.Views.Get(t.Context(), owner, id)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "Now" {
		t.Errorf(`the name is %q, want "Now"`, got.Name)
	}
	if got.Query != "priority=Urgent" {
		t.Errorf(`the query is %q, want "priority=Urgent"`, got.Query)
	}
}

func TestTheNumberOfViewsAndPinsIsLimited(t *testing.T) {
	t.Parallel()
	h := newViewDesk(t)
	owner := h.people["owner"]
	last := h.views["own"]
	for i := range savedview.MaxViews - 1 {
		last = h.adds(owner, savedview.Input{Name: fmt.Sprint("View ", i)})
	}
	_, err := h.Views.Add(t.Context(), owner, savedview.Input{Name: "One more"})
	desk.WantInvalid(t, err, "share", "one view more")
	if got := h.number("select count(*) from view_pins where user_id = $1", owner.ID); got != savedview.MaxPins {
		t.Errorf("got %d pins, want %d: new views are pinned while there is room", got, savedview.MaxPins)
	}
	err = h.Views.Pin(t.Context(), owner, last, true)
	desk.WantInvalid(t, err, "pinned", "one pin more")
	if err := h.Views.Pin(t.Context(), owner, h.views["own"], false); err != nil {
		t.Fatal(err)
	}
	if err := h.Views.Pin(t.Context(), owner, last, true); err != nil {
		t.Errorf("after another was unpinned: got %v, want success", err)
	}
}

func TestPinsOfViewsThatAUserMayNotReadTakeUpNoRoom(t *testing.T) {
	t.Parallel()
	h := newViewDesk(t)
	lead := h.people["lead"]
	h.exec("delete from view_pins where user_id = $1", lead.ID)
	for i := range savedview.MaxPins {
		h.adds(lead, savedview.Input{Name: fmt.Sprint("View ", i), Share: h.team})
	}
	h.exec("delete from team_members where user_id = $1", lead.ID)
	id := h.adds(lead, savedview.Input{Name: "Mine"})
	if got, err := h.Views.Get(t.Context(), lead, id); err != nil || !got.Pinned {
		t.Errorf("the new view is pinned: %v, %v, want that there is room", got.Pinned, err)
	}
}

func TestWithoutRoomAViewThatIsToBePinnedIsNotStored(t *testing.T) {
	t.Parallel()
	h := newViewDesk(t)
	owner, pinned, unpinned := h.people["owner"], true, false
	last := h.adds(owner, savedview.Input{Name: "Left out", Pin: &unpinned})
	if got := h.number("select count(*) from view_pins where user_id = $1", owner.ID); got != 1 {
		t.Errorf("got %d pins after a view without one, want 1", got)
	}
	for i := range savedview.MaxPins - 1 {
		h.adds(owner, savedview.Input{Name: fmt.Sprint("View ", i), Pin: &pinned})
	}
	_, added := h.Views.Add(t.Context(), owner, savedview.Input{Name: "One more", Pin: &pinned})
	updated := h.Views.Update(t.Context(), owner, last, savedview.Input{Name: "One more", Share: savedview.ShareMe, Pin: &pinned}, nil)
	for what, err := range map[string]error{"a new view": added, "a change": updated} {
		desk.WantInvalid(t, err, "pinned", what)
	}
	if got := h.number("select count(*) from views where name = 'One more'"); got != 0 {
		t.Errorf("got %d views with the new name, want none", got)
	}
}

func TestADeletedViewLeavesEverySidebar(t *testing.T) {
	t.Parallel()
	h := newViewDesk(t)
	id := h.views["everybody's"]
	if err := h.Views.Pin(t.Context(), h.people["colleague"], id, true); err != nil {
		t.Fatal(err)
	}
	if err := h.Views.Delete(t.Context(), h.people["admin"], id); err != nil {
		t.Fatal(err)
	}
	if got := h.number("select count(*) from view_pins where view_id = $1", id); got != 0 {
		t.Errorf("got %d pins, want none", got)
	}
}
