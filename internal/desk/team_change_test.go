package desk

import (
	"context"
	"errors"
	"testing"
)

func TestASaveOfATeamKeepsWhatAnotherAdminChanged(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	ctx := context.Background()
	k.teamOf("HR", false)
	shown := TeamInput{Name: "HR"}
	k.must(k.desk.Teams.Update(ctx, k.priya, 1, TeamInput{Name: "HR", Private: true}, &shown))
	k.must(k.desk.Teams.Update(ctx, k.priya, 1, TeamInput{Name: "People"}, &shown))
	team, err := k.desk.Teams.Get(ctx, k.priya, 1)
	k.must(err)
	if team.Name != "People" {
		t.Errorf(`the name is %q, want "People"`, team.Name)
	}
	if !team.Private {
		t.Error("the private is false, want true")
	}
	var stale *StaleTeam
	if err := k.desk.Teams.Update(ctx, k.priya, 1, TeamInput{Name: "Staff"}, &shown); !errors.As(err, &stale) {
		t.Fatalf("a second new name: got the error %v, want %T", err, stale)
	}
	if stale.Current.Name != "People" {
		t.Errorf(`a second new name: the current name is %q, want "People"`, stale.Current.Name)
	}
}
