package handlers

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
	"frontdesk/views"
)

func (s *server) listCategories(c echo.Context) error {
	var page views.CategoriesPage
	if kept, ok := s.kept(c); ok && kept.get("do") == "" { // the name of a new one
		page.Name = kept.get("name")
	}
	return s.renderCategories(c, http.StatusOK, page)
}

func (s *server) renderCategories(c echo.Context, status int, page views.CategoriesPage) error {
	all, err := s.desk.Categories.List(c.Request().Context())
	if err != nil {
		return err
	}
	page.Categories = all
	return s.render(c, status, views.CategoryList(page))
}

func (s *server) addCategory(c echo.Context) error {
	f, err := s.readForm(c, nil)
	if err != nil {
		return err
	}
	var in desk.CategoryInput
	bind(f, &in)
	err = s.desk.Categories.Add(c.Request().Context(), actorOf(c), in)
	if inv, ok := asInvalid(err); ok {
		return s.renderCategories(c, http.StatusUnprocessableEntity, views.CategoriesPage{Name: in.Name, Invalid: inv})
	}
	if err != nil {
		return err
	}
	return s.done(c, "/admin/categories", fmt.Sprintf("%s is added.", views.Isolated(in.Name)))
}

// categoryWords say what was done, by what was asked for.
var categoryWords = map[string]string{
	desk.CategoryRename:  "%s is saved.",
	desk.CategoryUp:      "%s is moved up.",
	desk.CategoryDown:    "%s is moved down.",
	desk.CategoryRetire:  "%s is retired.",
	desk.CategoryRestore: "%s is back in use.",
}

func (s *server) updateCategory(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	f, err := s.readForm(c, nil)
	if err != nil {
		return err
	}
	var in desk.CategoryUpdate
	bind(f, &in)
	err = s.desk.Categories.Update(c.Request().Context(), actorOf(c), id, in)
	if inv, ok := asInvalid(err); ok {
		return s.renderCategories(c, http.StatusUnprocessableEntity, views.CategoriesPage{ID: id, Name: in.Name, Invalid: inv})
	}
	if err != nil {
		return err
	}
	return s.done(c, "/admin/categories", fmt.Sprintf(categoryWords[in.Do], views.Isolated(in.Name)))
}
