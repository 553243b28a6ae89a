package pages

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// Categories has the page of the categories.
type Categories struct{ *core }

// List shows the categories, and the form for a new one.
func (s *Categories) List(c echo.Context) error {
	var page views.CategoriesPage
	kept, ok := s.KeptForms.Restore(c, func(f web.Form) bool {
		return f.Get("do") == "" || f.Get("do") == desk.CategoryRename
	})
	if ok {
		page.ID, page.Name = web.KeptID(kept), kept.Get("name")
	}
	return s.renderCategories(c, http.StatusOK, page)
}

// renderCategories shows the page of categories with its forms as in page.
func (s *Categories) renderCategories(c echo.Context, status int, page views.CategoriesPage) error {
	all, err := s.Desk.Categories.List(c.Request().Context())
	if err != nil {
		return err
	}
	page.Categories = all
	return s.Render(c, status, views.CategoryList(page))
}

// Add adds a category.
func (s *Categories) Add(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var in desk.CategoryInput
	web.Bind(f, &in)
	err = s.Desk.Categories.Add(c.Request().Context(), web.ActorOf(c), in)
	if inv, ok := web.AsInvalid(err); ok {
		return s.renderCategories(c, http.StatusUnprocessableEntity, views.CategoriesPage{Name: in.Name, Invalid: inv})
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/admin/categories", fmt.Sprintf("%s is added.", ui.Isolated(in.Name)))
}

// categoryTexts are the messages after a change of a category, by the kind of change.
var categoryTexts = map[string]string{
	desk.CategoryRename:  "%s is saved.",
	desk.CategoryUp:      "%s is moved up.",
	desk.CategoryDown:    "%s is moved down.",
	desk.CategoryRetire:  "%s is retired.",
	desk.CategoryRestore: "%s is back in use.",
}

// Update renames, moves, retires or restores a category.
func (s *Categories) Update(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var in desk.CategoryUpdate
	web.Bind(f, &in)
	err = s.Desk.Categories.Update(c.Request().Context(), web.ActorOf(c), id, in)
	if inv, ok := web.AsInvalid(err); ok {
		return s.renderCategories(c, http.StatusUnprocessableEntity, views.CategoriesPage{ID: id, Name: in.Name, Invalid: inv})
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/admin/categories", fmt.Sprintf(categoryTexts[in.Do], ui.Isolated(in.Name)))
}
