package pages

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/fault"
	"frontdesk/internal/savedview"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// Views has the pages of saved views.
type Views struct{ *core }

// List shows the saved views. With ?query= it shows the form for a new one with the
// filters of that query, which may be those of the view ?view= with changes.
func (s *Views) List(c echo.Context) error {
	var page views.ViewsPage
	kept, ok := s.KeptForms.Restore(c, func(f web.Form) bool { return f.Get("do") == "" && f.Values.Has("name") || f.Get("do") == "save" })
	switch query := c.QueryParams(); {
	case ok:
		if err := s.restoreView(c, &page, kept); err != nil {
			return err
		}
	case query.Has("query"):
		page.New, page.Adding = savedview.Input{Query: query.Get("query"), Share: savedview.ShareMe}, true
		if id := web.SeqParam(c, "view"); id > 0 {
			from, err := s.Desk.Views.Get(c.Request().Context(), web.ActorOf(c), id)
			if err != nil {
				return err
			}
			page.From = from
		}
	}
	return s.renderViews(c, http.StatusOK, page)
}

// restoreView fills the form of the page that was sent after the session had ended. What was
// typed for a view that the actor may not change any more gets into the form for a new one.
func (s *Views) restoreView(c echo.Context, page *views.ViewsPage, kept web.Form) error {
	in, was := readViewForm(kept)
	id := web.KeptID(kept)
	if id == 0 {
		page.New, page.Adding = in, true
		return nil
	}
	view, err := s.Desk.Views.Get(c.Request().Context(), web.ActorOf(c), id)
	switch {
	case errors.Is(err, fault.ErrNotFound) || err == nil && !view.MayChange:
		page.New, page.Adding = in, true
		return nil
	case err != nil:
		return err
	}
	now := savedview.Input{Name: view.Name, Query: view.Query, Share: view.Share}
	page.Edit, page.Edited, page.Stale = id, in, was != nil && *was != now
	return nil
}

// renderViews shows the page of views with its forms as in page.
func (s *Views) renderViews(c echo.Context, status int, page views.ViewsPage) (err error) {
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	if page.Views, err = s.Desk.Views.List(ctx, actor); err != nil {
		return err
	}
	if page.Teams, err = s.Desk.Views.Teams(ctx, actor); err != nil {
		return err
	}
	if page.Categories, err = s.Desk.Categories.List(ctx); err != nil {
		return err
	}
	if page.AllTeams, err = s.Desk.Teams.List(ctx, actor); err != nil {
		return err
	}
	if page.People, err = s.Desk.Views.People(ctx, actor, page.Queries()); err != nil {
		return err
	}
	return s.Render(c, status, views.SavedViews(page))
}

// Add saves a new view, and shows it.
func (s *Views) Add(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var in savedview.Input
	web.Bind(f, &in)
	id, err := s.Desk.Views.Add(c.Request().Context(), web.ActorOf(c), in)
	if inv, ok := web.AsInvalid(err); ok {
		return s.renderViews(c, http.StatusUnprocessableEntity, views.ViewsPage{New: in, Adding: true, Invalid: inv})
	}
	if err != nil {
		return err
	}
	view, err := s.Desk.Views.Get(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("The view %s is saved.", ui.Isolated(in.Name))
	if !view.Pinned {
		text += fmt.Sprintf(" It is not pinned: the list beside your tickets has room for %d views.", savedview.MaxPins)
	}
	return web.Done(c, fmt.Sprintf("/tickets?view=%d", id), text)
}

// viewTexts are the messages after a change of a view, by the kind of change.
var viewTexts = map[string]string{
	"save": "The view is saved.", "up": "The view is moved up.", "down": "The view is moved down.",
	"pin": "The view is pinned.", "unpin": "The view is no longer pinned.",
}

// Change saves, moves, pins or unpins a view. If another user has changed the same since the form was loaded, it is shown
// again with both values.
func (s *Views) Change(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	in, was := readViewForm(f)
	err = s.changeView(c, id, f.Get("do"), in, was)
	var stale *savedview.Stale
	if errors.As(err, &stale) {
		return s.renderViews(c, http.StatusConflict, views.ViewsPage{Edit: id, Edited: in, Stale: true})
	}
	if inv, ok := web.AsInvalid(err); ok {
		return s.renderViews(c, http.StatusUnprocessableEntity, views.ViewsPage{Edit: id, Edited: in, Invalid: inv})
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/views"+views.ViewButton(f.Get("do"), id), viewTexts[f.Get("do")])
}

// readViewForm returns what the form of a view has, and what it showed: nil if the form does not have that.
func readViewForm(f web.Form) (in savedview.Input, was *savedview.Input) {
	web.Bind(f, &in)
	if f.Values.Has("was_name") {
		was = &savedview.Input{Name: f.Get("was_name"), Query: f.Get("was_query"), Share: f.Get("was_share")}
	}
	return in, was
}

// changeView makes the change that the button of the form (do) selects.
func (s *Views) changeView(c echo.Context, id int64, do string, in savedview.Input, was *savedview.Input) error {
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	switch do {
	case "save":
		return s.Desk.Views.Update(ctx, actor, id, in, was)
	case savedview.Up, savedview.Down:
		return s.Desk.Views.Move(ctx, actor, id, do)
	case "pin", "unpin":
		return s.Desk.Views.Pin(ctx, actor, id, do == "pin")
	}
	if _, err := s.Desk.Views.Get(ctx, actor, id); err != nil {
		return err
	}
	return fault.NewInvalid("do", "Choose what to do with the view.")
}

// ConfirmDeletion asks whether to delete a view.
func (s *Views) ConfirmDeletion(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	view, err := s.Desk.Views.Get(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	if !view.MayChange {
		return fault.ErrForbidden
	}
	return s.Render(c, http.StatusOK, views.ViewDeletion(view))
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
	return web.Done(c, "/views", "The view is deleted.")
}
