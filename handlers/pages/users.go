package pages

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// Users has the pages of users, for admins.
type Users struct{ *core }

// List shows the accounts.
func (s *Users) List(c echo.Context) error {
	var page views.UsersPage
	web.BindQuery(c, &page.Filter)
	users, err := s.Desk.Accounts.Users.List(c.Request().Context(), web.ActorOf(c), page.Filter)
	if err != nil {
		return err
	}
	page.Search = ui.NewSearch(page.Filter.Q, users.Filter.Q)
	page.Users, page.Filter = users, users.Filter
	return s.Render(c, http.StatusOK, views.UserList(page), "users")
}

// New shows the form for a new account.
func (s *Users) New(c echo.Context) error {
	var form views.UserForm
	if kept, ok := s.KeptForms.Restore(c, web.Has("username")); ok {
		web.Bind(kept, &form.AddUserInput)
	}
	return s.renderNewUser(c, http.StatusOK, form)
}

// renderNewUser shows the form for a new account.
func (s *Users) renderNewUser(c echo.Context, status int, form views.UserForm) error {
	var err error
	if form.Roles, err = s.Desk.Accounts.Roles.Choices(c.Request().Context(), web.ActorOf(c)); err != nil {
		return err
	}
	return s.Render(c, status, views.UserNew(form))
}

// Add creates an account and shows its page in the answer to the form. It does not
// redirect, because the one-time password on that page is not stored. If the form is sent
// again, it is refused because the address has an account.
func (s *Users) Add(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var form views.UserForm
	web.Bind(f, &form.AddUserInput)
	id, password, err := s.Desk.Accounts.Users.Add(c.Request().Context(), web.ActorOf(c), form.AddUserInput)
	if inv, ok := web.AsInvalid(err); ok {
		form.Invalid = inv
		return s.renderNewUser(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return s.renderUser(c, http.StatusCreated, id, password)
}

// Show shows an account.
func (s *Users) Show(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	return s.renderUser(c, http.StatusOK, id, "")
}

// renderUser shows an account, with a one-time password unless that is "".
func (s *Users) renderUser(c echo.Context, status int, id int64, password string) error {
	account, err := s.Desk.Accounts.Users.Get(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	return s.Render(c, status, views.UserShow(views.UserPage{Account: account, Password: password}))
}

// Confirm returns a handler for the page that asks for confirmation of an action on an
// account, see [account.Users.GetOther].
func (s *Users) Confirm(act func(account.Account) views.UserAct) echo.HandlerFunc {
	return func(c echo.Context) error {
		id, err := web.PathID(c, "id")
		if err != nil {
			return err
		}
		account, err := s.Desk.Accounts.Users.GetOther(c.Request().Context(), web.ActorOf(c), id)
		if err != nil {
			return err
		}
		chosen := act(account)
		if chosen.Refused != nil {
			return chosen.Refused
		}
		roles, err := s.Desk.Accounts.Roles.Choices(c.Request().Context(), web.ActorOf(c))
		if err != nil {
			return err
		}
		assigned, err := s.Desk.AssignedTo(c.Request().Context(), web.ActorOf(c), id)
		if err != nil {
			return err
		}
		return s.Render(c, http.StatusOK, views.UserConfirm(views.UserPage{Account: account, Roles: roles, Assigned: assigned}, chosen))
	}
}

// SetRole changes the role of an account.
func (s *Users) SetRole(c echo.Context) error {
	return s.changeUser(c, func(id int64, f web.Form) (string, error) {
		role := f.Get("role")
		return s.releasing(c, id, views.RoleGiven(role), func() error { return s.Desk.SetUserRole(c.Request().Context(), web.ActorOf(c), id, role) })
	})
}

// SetDisabled disables or enables an account.
func (s *Users) SetDisabled(c echo.Context) error {
	return s.changeUser(c, func(id int64, f web.Form) (string, error) {
		switch f.Get("disabled") {
		case "true":
			return s.releasing(c, id, "The account of %s is disabled.", func() error { return s.Desk.SetUserDisabled(c.Request().Context(), web.ActorOf(c), id, true) })
		case "false":
			return "The account of %s is enabled.", s.Desk.SetUserDisabled(c.Request().Context(), web.ActorOf(c), id, false)
		}
		return "", &fault.Invalid{Fields: []fault.FieldError{{Field: "disabled", Message: "Choose true or false."}}}
	})
}

// releasing calls change, and returns text with the number of active tickets that have lost their assignee by
// it.
func (s *Users) releasing(c echo.Context, id int64, text string, change func() error) (string, error) {
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	before, err := s.Desk.AssignedTo(ctx, actor, id)
	if err != nil {
		return "", err
	}
	if err := change(); err != nil {
		return "", err
	}
	left, err := s.Desk.AssignedTo(ctx, actor, id)
	if err != nil || before.More && left.N > 0 { // how many is not known
		return text, err
	}
	before.N -= left.N
	return text + views.Released(before), nil
}

// EndSessions ends all sessions of an account and revokes its API tokens.
func (s *Users) EndSessions(c echo.Context) error {
	return s.changeUser(c, func(id int64, _ web.Form) (string, error) {
		return "%s is signed out everywhere, and their API tokens are revoked.", s.Desk.Accounts.Users.EndSessions(c.Request().Context(), web.ActorOf(c), id)
	})
}

// ResetPassword sets a new one-time password and shows it in the answer to the form, as
// [Users.Add] does.
func (s *Users) ResetPassword(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	password, err := s.Desk.Accounts.Users.ResetPassword(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	return s.renderUser(c, http.StatusOK, id, password)
}

// changeUser calls change for the account in the path and redirects to its page. The text
// that change returns has a %s for the account's name.
func (s *Users) changeUser(c echo.Context, change func(id int64, f web.Form) (text string, err error)) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	account, err := s.Desk.Accounts.Users.Get(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	text, err := change(id, f)
	if err != nil {
		return err
	}
	return web.Done(c, fmt.Sprintf("/admin/users/%d", id), fmt.Sprintf(text, ui.Isolated(account.Username)))
}
