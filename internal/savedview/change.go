package savedview

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/ticketquery"
)

// Input is a view as its owner writes it.
type Input struct {
	Name  string `form:"name" json:"name" validate:"required,max=60,name"`
	Query string `form:"query" json:"query" validate:"max=4000,line" doc:"The query of the address of the list of tickets, such as status=OPEN&priority=High."`
	Share string `form:"share" json:"share" validate:"max=20,line" doc:"me, everybody, or the id of a team."`
	Pin   *bool  // whether the actor gets it in the sidebar; nil for a new view if there is room, and else for no change
}

// Directions of [Service.Move].
const (
	Up   = "up"
	Down = "down"
)

// Add stores a new view at the end of its list and, unless in.Pin is false, puts it into the actor's
// sidebar if there is room. It returns the id. A form that is sent twice adds one view. It returns
// [*fault.Invalid] for an invalid input, if there are [MaxViews] already, and if in.Pin is true and
// there are [MaxPins].
func (s *Service) Add(ctx context.Context, actor account.Actor, in Input) (id int64, err error) {
	if !actor.Can(account.WorkAsStaff) {
		return 0, fault.ErrForbidden
	}
	if err := s.check(ctx, actor, &in, false); err != nil {
		return 0, err
	}
	return id, s.change(ctx, actor, func(q *db.Queries) error {
		to, err := sharingOf(ctx, q, actor, in.Share)
		if err != nil {
			return err
		}
		key := input.NameKey(in.Name)
		id, err = q.SameView(ctx, db.SameViewParams{OwnerID: to.owner, TeamID: to.team, NameKey: key, Name: in.Name, Query: in.Query})
		if err == nil && in.Pin != nil {
			return s.setPin(ctx, q, actor, id, *in.Pin)
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return changeError(err)
		}
		if err := roomForView(ctx, q, to); err != nil {
			return err
		}
		id, err = q.AddView(ctx, db.AddViewParams{Name: in.Name, NameKey: key, Query: in.Query, OwnerID: to.owner, TeamID: to.team})
		if err != nil {
			return changeError(err)
		}
		if in.Pin != nil {
			return s.setPin(ctx, q, actor, id, *in.Pin)
		}
		return s.pinIfRoom(ctx, q, actor, id)
	})
}

// Update changes the name, the query and the sharing of a view, and with in.Pin the actor's sidebar. It returns
// [fault.ErrForbidden] if the actor may read the view and not change it. was is what the form
// showed: fields that are the same in both inputs do not change. If another user has changed a
// field that changes, Update returns [*Stale]. With nil the view is not compared. A query that does not
// change is not checked again, so that one whose assignee has left does not block other changes.
func (s *Service) Update(ctx context.Context, actor account.Actor, id int64, in Input, was *Input) error {
	view, err := s.Get(ctx, actor, id)
	if err != nil {
		return err
	}
	sameQuery := in.Query == view.Query || was != nil && in.Query == was.Query
	if err := s.check(ctx, actor, &in, sameQuery); err != nil {
		return err
	}
	return s.changeOne(ctx, actor, id, func(q *db.Queries, old View) error {
		in := in // the transaction may be retried
		if was != nil && !(input.Merge(&in.Name, was.Name, old.Name) && input.Merge(&in.Query, was.Query, old.Query) && input.Merge(&in.Share, was.Share, old.Share)) {
			return &Stale{old}
		}
		to := old.sharing
		if in.Share != old.Share { // a retired team may stay
			var err error
			if to, err = sharingOf(ctx, q, actor, in.Share); err != nil {
				return err
			}
			if err := roomForView(ctx, q, to); err != nil {
				return err
			}
		}
		err := q.UpdateView(ctx, db.UpdateViewParams{ID: id, Name: in.Name, NameKey: input.NameKey(in.Name), Query: in.Query, OwnerID: to.owner, TeamID: to.team})
		if err != nil || in.Pin == nil {
			return changeError(err)
		}
		return s.setPin(ctx, q, actor, id, *in.Pin)
	})
}

// Move moves a view up or down by one position among those of the same owner or team. The
// first and the last one stay.
func (s *Service) Move(ctx context.Context, actor account.Actor, id int64, direction string) error {
	return s.changeOne(ctx, actor, id, func(q *db.Queries, _ View) error {
		other, err := q.ViewBeside(ctx, db.ViewBesideParams{ID: id, Up: direction == Up})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read views: %w", err)
		}
		own, err := q.GetView(ctx, db.GetViewParams{ID: id, Viewer: actor.ID, Manages: managesViews(actor)})
		if err != nil {
			return db.Found(err, "read view")
		}
		if err := q.SetViewPosition(ctx, db.SetViewPositionParams{ID: id, Position: other.Position}); err != nil {
			return changeError(err)
		}
		return changeError(q.SetViewPosition(ctx, db.SetViewPositionParams{ID: other.ID, Position: own.Position}))
	})
}

// Delete deletes a view for all who have it.
func (s *Service) Delete(ctx context.Context, actor account.Actor, id int64) error {
	return s.changeOne(ctx, actor, id, func(q *db.Queries, _ View) error { return changeError(q.RemoveView(ctx, id)) })
}

// Pin puts a view into the actor's sidebar, or takes it out. It returns [*fault.Invalid] if
// the sidebar has [MaxPins] views already.
func (s *Service) Pin(ctx context.Context, actor account.Actor, id int64, pinned bool) error {
	if !actor.Can(account.WorkAsStaff) {
		return fault.ErrForbidden
	}
	return s.change(ctx, actor, func(q *db.Queries) error { return s.setPin(ctx, q, actor, id, pinned) })
}

// setPin is [Service.Pin] in a transaction.
func (s *Service) setPin(ctx context.Context, q *db.Queries, actor account.Actor, id int64, pinned bool) error {
	view, err := get(ctx, q, actor, id)
	if err != nil || view.Pinned == pinned {
		return err
	}
	if !pinned {
		return changeError(q.UnpinView(ctx, db.UnpinViewParams{UserID: actor.ID, ViewID: id}))
	}
	if err := s.pinIfRoom(ctx, q, actor, id); err != nil {
		return err
	}
	if view, err = get(ctx, q, actor, id); err == nil && !view.Pinned {
		err = fault.NewInvalid("pinned", fmt.Sprintf("Unpin another view first: the sidebar has room for %d.", MaxPins))
	}
	return err
}

// pinIfRoom puts a view into the actor's sidebar, if it has fewer than [MaxPins] views.
func (s *Service) pinIfRoom(ctx context.Context, q *db.Queries, actor account.Actor, id int64) error {
	n, err := q.CountPins(ctx, db.CountPinsParams{Viewer: actor.ID, Manages: managesViews(actor)})
	if err != nil || n >= MaxPins {
		return changeError(err)
	}
	return changeError(q.PinView(ctx, db.PinViewParams{UserID: actor.ID, ViewID: id}))
}

// change runs f as the actor. One transaction at a time changes views.
func (s *Service) change(ctx context.Context, actor account.Actor, f func(q *db.Queries) error) error {
	return s.accounts.ActAs(ctx, actor, func(q *db.Queries) error {
		if err := q.LockViews(ctx); err != nil {
			return fmt.Errorf("lock views: %w", err)
		}
		return f(q)
	})
}

// changeOne is change for a view that the actor has to have the right to change.
func (s *Service) changeOne(ctx context.Context, actor account.Actor, id int64, f func(*db.Queries, View) error) error {
	if !actor.Can(account.WorkAsStaff) {
		return fault.ErrForbidden
	}
	return s.change(ctx, actor, func(q *db.Queries) error {
		view, err := get(ctx, q, actor, id)
		if err != nil {
			return err
		}
		if !view.MayChange {
			return fault.ErrForbidden
		}
		return f(q, view)
	})
}

// roomForView returns [*fault.Invalid] if there are [MaxViews] of the same owner or team.
func roomForView(ctx context.Context, q *db.Queries, to sharing) error {
	n, err := q.CountViewsOf(ctx, db.CountViewsOfParams{OwnerID: to.owner, TeamID: to.team})
	if err == nil && n >= MaxViews {
		return fault.NewInvalid("share", fmt.Sprintf("Delete a view first: there are %d of these, the most allowed.", MaxViews))
	}
	return changeError(err)
}

// check validates the input and brings its query into the form that is stored, unless the query does not change.
func (s *Service) check(ctx context.Context, actor account.Actor, in *Input, sameQuery bool) error {
	err := input.Check(in)
	in.Share = cmp.Or(in.Share, ShareMe)
	var inv *fault.Invalid
	if sameQuery || errors.As(err, &inv) && inv.Field("query") != "" {
		return err
	}
	query, invalid := s.storedQuery(ctx, actor, in.Query)
	in.Query = query
	return fault.Merge(err, invalid)
}

// storedQuery returns the query of a list's address as it is stored: without cursors, and
// sorted. The text may be the whole address. It returns [*fault.Invalid] if the list does
// not know a parameter, or ignores its value, or if its team or assignee is not in use.
func (s *Service) storedQuery(ctx context.Context, actor account.Actor, text string) (string, error) {
	if _, query, isAddress := strings.Cut(text, "?"); isAddress {
		text = query
	}
	query, err := url.ParseQuery(text)
	if err != nil {
		return "", fault.NewInvalid("query", "Copy the address of a list of tickets: this is not the query of one.")
	}
	if unknown := ticketquery.UnknownParameters(query); len(unknown) > 0 {
		return "", fault.NewInvalid("query", fmt.Sprintf("Remove “%s”: the list of tickets has no such filter.", unknown[0]))
	}
	filter := ticketquery.ReadFilter(query).WithoutView()
	understood, err := s.lists.Understand(ctx, actor, filter)
	if err != nil {
		return "", err
	}
	if ignored := understood.Ignored; len(ignored) > 0 {
		return "", fault.NewInvalid("query", fmt.Sprintf("Change or remove “%s=%s”: the list of tickets does not know this value.", ignored[0], filter.Values().Get(ignored[0])))
	}
	if err := s.checkWorkers(ctx, understood.Filter); err != nil {
		return "", err
	}
	stored := understood.Stored.Values().Encode()
	if len(stored) > maxViewQuery {
		return "", fault.NewInvalid("query", "Shorten the search: the filter is too long.")
	}
	return stored, nil
}

// maxViewQuery is the maximum length of a stored query in bytes.
const maxViewQuery = 4000

// changeError converts a violated constraint into [*fault.Invalid].
func changeError(err error) error {
	switch {
	case err == nil:
		return nil
	case db.Violates(err, "views_name_key"):
		return fault.NewInvalid("name", "There is already a view with this name. Choose another name.")
	}
	return fmt.Errorf("change view: %w", err)
}

// Stale is returned if another user changed the same field of a view since the form was loaded. Current is the view as it
// is now.
type Stale struct{ Current View }

// Error implements error.
func (e *Stale) Error() string { return fmt.Sprintf("view %d has changed since", e.Current.ID) }
