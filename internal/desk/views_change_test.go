package desk_test

import (
	"errors"
	"fmt"
	"testing"

	"frontdesk/internal/fault"
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
	if got, err := h.Views.Get(t.Context(), admin, id); err != nil || got.Name != named.Name || got.Query != filtered.Query {
		t.Errorf("the view is %q with %q, %v, want both changes", got.Name, got.Query, err)
	}
	other := shown
	other.Query = "status=RESOLVED"
	var stale *savedview.Stale
	if err := h.Views.Update(t.Context(), admin, id, other, &shown); !errors.As(err, &stale) || stale.Current.Query != filtered.Query {
		t.Errorf("a second new filter: got %v, want StaleView with the first", err)
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
	if got, err := h.Views.Get(t.Context(), lead, id); err != nil || got.Name != "Old refunds" || got.Share != h.team {
		t.Errorf("the view is %q of %q, %v", got.Name, got.Share, err)
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
			if stored := (savedview.Input{Name: got.Name, Query: got.Query, Share: got.Share}); err != nil || stored != shared {
				t.Errorf("the view is %+v, %v, want %+v", stored, err, shared)
			}
			changed := shared
			changed.Query += "&status=OPEN"
			var inv *fault.Invalid
			if err := h.Views.Update(t.Context(), lead, id, changed, &shared); !errors.As(err, &inv) || inv.Field("query") == "" {
				t.Errorf("another filter with the same assignee: got %v, want an error", err)
			}
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
	if got, err := h.Views.Get(t.Context(), owner, id); err != nil || got.Name != "Now" || got.Query != "priority=Urgent" {
		t.Errorf("the view is %q with %q, %v, want the stored filter", got.Name, got.Query, err)
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
	var inv *fault.Invalid
	if _, err := h.Views.Add(t.Context(), owner, savedview.Input{Name: "One more"}); !errors.As(err, &inv) || inv.Field("share") == "" {
		t.Errorf("one view more: got %v, want an error", err)
	}
	if got := h.number("select count(*) from view_pins where user_id = $1", owner.ID); got != savedview.MaxPins {
		t.Errorf("got %d pins, want %d: new views are pinned while there is room", got, savedview.MaxPins)
	}
	if err := h.Views.Pin(t.Context(), owner, last, true); !errors.As(err, &inv) || inv.Field("pinned") == "" {
		t.Errorf("one pin more: got %v, want an error", err)
	}
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
		var inv *fault.Invalid
		if !errors.As(err, &inv) || inv.Field("pinned") == "" {
			t.Errorf("%s: got %v, want an error", what, err)
		}
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
