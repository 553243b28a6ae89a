package api

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/savedview"
)

// Views has the endpoints of saved views.
type Views struct{ *core }

// JSONView is a saved view.
type JSONView struct {
	ID        int64         `json:"id"`
	Name      string        `json:"name"`
	Query     string        `json:"query" doc:"The query of a list of tickets, on the website and of GET /api/tickets."`
	Share     string        `json:"share" doc:"Who has it: me, everybody, or the id of a team."`
	Team      *JSONViewTeam `json:"team" doc:"That team, or null."`
	Pinned    bool          `json:"pinned" doc:"You have it in the list beside your tickets."`
	MayChange bool          `json:"mayChange" doc:"You may change and delete it."`
}

// JSONViewTeam is the team of a view.
type JSONViewTeam struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// JSONViewInput is a new view or a change of one. Fields of it that are not sent stay as they are.
type JSONViewInput struct {
	savedview.Input
	Pinned bool `form:"pinned" json:"pinned" doc:"true puts it into the list beside your tickets, false keeps it out. If you send true and the list is full, nothing is saved."`
}

// viewJSON returns a view as the API writes it.
func viewJSON(v savedview.View) JSONView {
	out := JSONView{ID: v.ID, Name: v.Name, Query: v.Query, Share: v.Share, Pinned: v.Pinned, MayChange: v.MayChange}
	if id, err := strconv.ParseInt(v.Share, 10, 64); err == nil {
		out.Team = &JSONViewTeam{ID: id, Name: v.Team}
	}
	return out
}

// List lists the views that the actor may read.
func (s *Views) List(c echo.Context) error {
	all, err := s.Desk.Views.List(c.Request().Context(), web.ActorOf(c))
	if err != nil {
		return err
	}
	out := make([]JSONView, len(all))
	for i, v := range all {
		out[i] = viewJSON(v)
	}
	return sendJSON(c, http.StatusOK, out)
}

// Show answers with one view.
func (s *Views) Show(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	view, err := s.Desk.Views.Get(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, viewJSON(view))
}

// Add saves a new view.
func (s *Views) Add(c echo.Context) error {
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	return s.receive(c, "", func(got requestData) error {
		var in JSONViewInput
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		if got.values["pinned"] != nil {
			in.Pin = &in.Pinned
		}
		return s.idempotent(c, got, func() (int, any, error) {
			id, err := s.Desk.Views.Add(ctx, actor, in.Input)
			if err != nil {
				return 0, nil, asAPI(err, in)
			}
			c.Response().Header().Set(echo.HeaderLocation, "/api/views/"+strconv.FormatInt(id, 10))
			view, err := s.Desk.Views.Get(ctx, actor, id)
			return http.StatusCreated, viewJSON(view), err
		})
	})
}

// Update changes the fields of a view that were sent.
func (s *Views) Update(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	if _, err := s.Desk.Views.Get(ctx, actor, id); err != nil {
		return err
	}
	return s.receive(c, "", func(got requestData) error {
		view, err := s.Desk.Views.Get(ctx, actor, id)
		if err != nil {
			return err
		}
		current := savedview.Input{Name: view.Name, Query: view.Query, Share: view.Share}
		in := JSONViewInput{Input: current, Pinned: view.Pinned}
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		isChanged := in.Input != current
		if in.Pinned != view.Pinned {
			in.Pin = &in.Pinned
		}
		switch {
		case isChanged:
			err = s.Desk.Views.Update(ctx, actor, id, in.Input, &current)
		case in.Pin != nil: // also if the actor may only read the view
			err = s.Desk.Views.Pin(ctx, actor, id, in.Pinned)
		}
		if err != nil {
			return asAPI(err, in)
		}
		return s.Show(c)
	})
}

// Delete deletes a view.
func (s *Views) Delete(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.Desk.Views.Delete(c.Request().Context(), web.ActorOf(c), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
