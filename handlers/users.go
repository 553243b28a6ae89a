package handlers

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/views"
)

func (s *server) listUsers(c echo.Context) error {
	var page views.UsersPage
	bindQuery(c, &page.Filter)
	users, err := s.desk.Accounts.Users(c.Request().Context(), actorOf(c), page.Filter)
	if err != nil {
		return err
	}
	page.Search = views.NewSearch(page.Filter.Q, users.Filter.Q)
	page.Users, page.Filter = users, users.Filter
	return s.render(c, http.StatusOK, views.UserList(page), "users")
}

func (s *server) newUser(c echo.Context) error {
	var form views.UserForm
	if kept, ok := s.kept(c); ok {
		bind(kept, &form.AddUserInput)
	}
	return s.render(c, http.StatusOK, views.UserNew(form))
}

// addUser answers with the new account's page itself and not by a redirect:
// the one-time password on it is kept nowhere. Sent again, the form is refused
// because the address has an account.
func (s *server) addUser(c echo.Context) error {
	f, err := s.readForm(c, nil)
	if err != nil {
		return err
	}
	var form views.UserForm
	bind(f, &form.AddUserInput)
	id, password, err := s.desk.Accounts.AddUser(c.Request().Context(), actorOf(c), form.AddUserInput)
	if inv, ok := asInvalid(err); ok {
		form.Invalid = inv
		return s.render(c, http.StatusUnprocessableEntity, views.UserNew(form))
	}
	if err != nil {
		return err
	}
	return s.renderUser(c, http.StatusCreated, id, password)
}

func (s *server) showUser(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.renderUser(c, http.StatusOK, id, "")
}

func (s *server) renderUser(c echo.Context, status int, id int64, password string) error {
	account, err := s.desk.Accounts.Account(c.Request().Context(), actorOf(c), id)
	if err != nil {
		return err
	}
	return s.render(c, status, views.UserShow(views.UserPage{Account: account, Password: password}))
}

// confirmUser is the page that asks before act is done to an account. What may
// not be done to it is refused here already.
func (s *server) confirmUser(act func(account.Account) views.UserAct) echo.HandlerFunc {
	return func(c echo.Context) error {
		id, err := pathID(c, "id")
		if err != nil {
			return err
		}
		account, err := s.desk.Accounts.Account(c.Request().Context(), actorOf(c), id)
		if err != nil {
			return err
		}
		if id == actorOf(c).ID {
			return fault.ErrLastAdmin
		}
		return s.render(c, http.StatusOK, views.UserConfirm(views.UserPage{Account: account}, act(account)))
	}
}

func (s *server) setUserRole(c echo.Context) error {
	return s.changeUser(c, func(id int64, f form) (string, error) {
		role := account.Role(f.get("role"))
		word := "a customer"
		if role == account.RoleAdmin {
			word = "an admin"
		}
		return "%s is " + word + " now.", s.desk.Accounts.SetRole(c.Request().Context(), actorOf(c), id, role)
	})
}

func (s *server) setUserDisabled(c echo.Context) error {
	return s.changeUser(c, func(id int64, f form) (string, error) {
		switch f.get("disabled") {
		case "true":
			return "The account of %s is disabled.", s.desk.Accounts.SetDisabled(c.Request().Context(), actorOf(c), id, true)
		case "false":
			return "The account of %s is enabled.", s.desk.Accounts.SetDisabled(c.Request().Context(), actorOf(c), id, false)
		}
		return "", &fault.Invalid{Fields: []fault.FieldError{{Field: "disabled", Message: "Choose true or false."}}}
	})
}

func (s *server) endUserSessions(c echo.Context) error {
	return s.changeUser(c, func(id int64, _ form) (string, error) {
		return "%s is signed out everywhere, and their API tokens are revoked.", s.desk.Accounts.EndUserSessions(c.Request().Context(), actorOf(c), id)
	})
}

// resetUserPassword shows the new one-time password on the page itself, as addUser does.
func (s *server) resetUserPassword(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	password, err := s.desk.Accounts.ResetPassword(c.Request().Context(), actorOf(c), id)
	if err != nil {
		return err
	}
	return s.renderUser(c, http.StatusOK, id, password)
}

// changeUser does something to one account and goes back to its page. The word
// about it has a %s for the account's name.
func (s *server) changeUser(c echo.Context, change func(id int64, f form) (word string, err error)) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	f, err := s.readForm(c, nil)
	if err != nil {
		return err
	}
	account, err := s.desk.Accounts.Account(c.Request().Context(), actorOf(c), id)
	if err != nil {
		return err
	}
	word, err := change(id, f)
	if err != nil {
		return err
	}
	return s.done(c, fmt.Sprintf("/admin/users/%d", id), fmt.Sprintf(word, views.Isolated(account.Username)))
}
