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
	if team.Name != "People" || !team.Private {
		t.Errorf("the team is %q, private %v, want People and private", team.Name, team.Private)
	}
	var stale *StaleTeam
	if err := k.desk.Teams.Update(ctx, k.priya, 1, TeamInput{Name: "Staff"}, &shown); !errors.As(err, &stale) || stale.Current.Name != "People" {
		t.Errorf("a second new name: got %v, want StaleTeam with People", err)
	}
}
