package ticketquery

import (
	"context"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/account"
)

// scope selects the tickets that an actor may read, as the condition of lists.
type scope struct {
	reach  account.Reach // the zero value is [account.ReachOwn]
	viewer int64         // the actor
	teams  []int64       // with [account.ReachTeams] the actor's teams, with [account.ReachOpen] those that are hidden from them
}

// scope returns the scope of an actor. It reads the actor's teams if the actor was made
// without them.
func (s *Service) scope(ctx context.Context, actor account.Actor) (scope, error) {
	sc := scope{reach: actor.Reach(), viewer: actor.ID, teams: actor.Teams}
	if sc.teams == nil && (sc.reach == account.ReachOpen || sc.reach == account.ReachTeams) {
		var err error
		if sc.teams, err = s.q.ScopeTeams(ctx, db.ScopeTeamsParams{Reach: string(sc.reach), Viewer: actor.ID}); err != nil {
			return scope{}, fmt.Errorf("read teams: %w", err)
		}
	}
	return sc, nil
}

// seesAll reports whether the scope has all tickets. Lists then have no condition, and their plans
// do not depend on teams.
func (s scope) seesAll() bool {
	return s.reach == account.ReachAll || s.reach == account.ReachOpen && len(s.teams) == 0
}

// isOwn reports whether the scope has only the actor's own tickets.
func (s scope) isOwn() bool { return s.reach == account.ReachOwn || s.reach == "" }

// isWhole reports whether there is a statement with a cached plan for all tickets of the scope.
func (s scope) isWhole() bool { return s.seesAll() || s.isOwn() }

// within appends the condition of a scope. The SQL function may_read decides the same for
// single tickets.
func (q *query) within(s scope) {
	switch {
	case s.seesAll():
	case s.reach == account.ReachOpen:
		q.and("(t.team_id is null or t.team_id <> all (@hidden::bigint[]) or t.requester_id = @viewer)", "hidden", s.teams)
		q.args["viewer"] = s.viewer
	case s.reach == account.ReachTeams:
		q.and("(t.team_id = any (@teams::bigint[]) or t.requester_id = @viewer)", "teams", s.teams)
		q.args["viewer"] = s.viewer
	default:
		q.and("t.requester_id = @viewer", "viewer", s.viewer)
	}
}
