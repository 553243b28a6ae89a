package pages

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// Roles has the pages of roles.
type Roles struct{ *core }

// List shows the roles, and the form for a new one.
func (s *Roles) List(c echo.Context) error {
	var page views.RolesPage
	if kept, ok := s.KeptForms.Restore(c, web.Has("name")); ok {
		web.Bind(kept, &page.New)
	}
	return s.renderRoles(c, http.StatusOK, page)
}

// renderRoles shows the roles with the form for a new one as in page.
func (s *Roles) renderRoles(c echo.Context, status int, page views.RolesPage) error {
	var err error
	if page.Roles, err = s.Desk.Accounts.Roles.List(c.Request().Context(), web.ActorOf(c)); err != nil {
		return err
	}
	return s.Render(c, status, views.RoleList(page))
}

// Add adds a role.
func (s *Roles) Add(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var in account.RoleInput
	web.Bind(f, &in)
	_, err = s.Desk.Accounts.Roles.Add(c.Request().Context(), web.ActorOf(c), in)
	if inv, ok := web.AsInvalid(err); ok {
		return s.renderRoles(c, http.StatusUnprocessableEntity, views.RolesPage{New: in, Invalid: inv})
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/admin/roles", fmt.Sprintf("The role %s is added.", ui.Isolated(in.Name)))
}

// Show shows the form of a role.
func (s *Roles) Show(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	role, err := s.Desk.Accounts.Roles.Get(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	page := views.RolePage{Role: role, Form: role.RoleInput}
	if kept, ok := s.KeptForms.Restore(c, web.Has("name")); ok {
		page.Form = account.RoleInput{}
		web.Bind(kept, &page.Form)
		page.Stale = page.Form.Version != role.Version
	}
	return s.Render(c, http.StatusOK, views.RoleEdit(page))
}

// Save changes a role. If another user has changed it since the form was loaded, it is
// shown again with both.
func (s *Roles) Save(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	var in account.RoleInput
	web.Bind(f, &in)
	err = s.Desk.ChangeRole(ctx, actor, id, in)
	if err == nil {
		return web.Done(c, "/admin/roles", fmt.Sprintf("The role %s is saved.", ui.Isolated(in.Name)))
	}
	page, status := views.RolePage{Form: in}, http.StatusConflict
	var stale *account.StaleRole
	if page.Stale = errors.As(err, &stale); !page.Stale {
		inv, ok := web.AsInvalid(err)
		if !ok {
			return err
		}
		page.Invalid, status = inv, http.StatusUnprocessableEntity
	}
	if page.Role, err = s.Desk.Accounts.Roles.Get(ctx, actor, id); err != nil {
		return err
	}
	return s.Render(c, status, views.RoleEdit(page))
}

// Delete deletes a role that no user has.
func (s *Roles) Delete(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.Desk.Accounts.Roles.Delete(c.Request().Context(), web.ActorOf(c), id); err != nil {
		return err
	}
	return web.Done(c, "/admin/roles", "The role is deleted.")
}
