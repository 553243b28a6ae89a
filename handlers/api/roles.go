package api

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
)

// Roles has the endpoints of roles.
type Roles struct{ *core }

// JSONRole is a role of staff that admins have made.
type JSONRole struct {
	ID    int64 `json:"id"`
	Users int64 `json:"users" doc:"How many users have it."`
	account.RoleInput
}

// roleJSON returns a role as the API writes it.
func roleJSON(r account.CustomRole) JSONRole { return JSONRole{r.ID, r.Users, r.RoleInput} }

// List answers with the roles that admins have made.
func (s *Roles) List(c echo.Context) error {
	all, err := s.Desk.Accounts.Roles.List(c.Request().Context(), web.ActorOf(c))
	if err != nil {
		return err
	}
	out := make([]JSONRole, len(all))
	for i, r := range all {
		out[i] = roleJSON(r)
	}
	return sendJSON(c, http.StatusOK, out)
}

// Show answers with one role.
func (s *Roles) Show(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	role, err := s.Desk.Accounts.Roles.Get(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, roleJSON(role))
}

// Add adds a role.
func (s *Roles) Add(c echo.Context) error {
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	return s.receive(c, "", func(got requestData) error {
		var in account.RoleInput
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		return s.idempotent(c, got, func() (int, any, error) {
			id, err := s.Desk.Accounts.Roles.Add(ctx, actor, in)
			if err != nil {
				return 0, nil, asAPI(err, in)
			}
			c.Response().Header().Set(echo.HeaderLocation, "/api/roles/"+strconv.FormatInt(id, 10))
			role, err := s.Desk.Accounts.Roles.Get(ctx, actor, id)
			return http.StatusCreated, roleJSON(role), err
		})
	})
}

// Update changes the fields of a role that were sent.
func (s *Roles) Update(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	if _, err := s.Desk.Accounts.Roles.Get(ctx, actor, id); err != nil {
		return err
	}
	return s.receive(c, "", func(got requestData) error {
		role, err := s.Desk.Accounts.Roles.Get(ctx, actor, id)
		if err != nil {
			return err
		}
		in := role.RoleInput
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		if err := s.Desk.ChangeRole(ctx, actor, id, in); err != nil {
			return asAPI(err, in)
		}
		return s.Show(c)
	})
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
	return c.NoContent(http.StatusNoContent)
}
