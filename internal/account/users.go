package account

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"frontdesk/db"
	"frontdesk/internal/fault"
	"frontdesk/internal/listing"
	"frontdesk/internal/search"
)

// UserFilter selects accounts. Show is "staff", "customers" or "disabled"; any other
// value selects all accounts. After and Before are cursors of [UserPage]; an invalid
// cursor selects the first page.
type UserFilter struct {
	Q      string `form:"q"`
	Show   string `form:"show"`
	After  string `form:"after"`
	Before string `form:"before"`
	Limit  int    // the maximum number of rows; 0 is [listing.PageSize]
}

// UserRow is one account in the list.
type UserRow = db.ListUsersRow

// Account is one account with the details that staff see.
type Account struct{ db.GetAccountRow }

// RoleName returns the name of the account's role, see [Users.SetRole].
func (a Account) RoleName() string { return roleName(a.Role, a.CustomRole) }

// permissions returns the permissions of the account's role.
func (a Account) permissions() Permissions {
	return permissionsOf(a.Role, a.CustomRole, a.Permissions)
}

// roleName returns the name of a role that admins have made, or that of a built-in role.
func roleName(role Role, custom *string) string {
	if custom != nil {
		return *custom
	}
	return string(role)
}

// UserPage is a page of accounts, sorted by role with staff first, and then the newest
// first.
type UserPage struct {
	Filter                               UserFilter // with the cleaned search text and the limit
	Rows                                 []UserRow
	After, Before                        string // cursors of the next and previous page, or ""
	Everyone, Staff, Customers, Disabled listing.Capped
}

// manyTickets is the largest number of tickets of an account that pages show. The queries
// count up to one more.
const manyTickets = 99

// CappedTickets returns the number of an account's tickets as pages show it.
func CappedTickets(n int64) listing.Capped { return listing.Cap(n, manyTickets) }

// List returns a page of accounts. It returns [fault.ErrForbidden] without
// [ManageAccounts].
func (s *Users) List(ctx context.Context, actor Actor, f UserFilter) (UserPage, error) {
	if !actor.Can(ManageAccounts) {
		return UserPage{}, fault.ErrForbidden
	}
	if f.Limit <= 0 {
		f.Limit = listing.PageSize
	}
	f.Q = search.Clean(f.Q)
	p := f.params()
	p.Reach, p.Viewer = actor.Scope()
	if f.Q != "" {
		a, err := search.Read(ctx, s.q, f.Q)
		if err != nil {
			return UserPage{}, err
		}
		p.Needle, p.NeedleBefore = a.NeedlesFor(f.Q)
	}
	// The best plan depends on the filter, so each call is planned separately.
	rows, err := db.New(db.Planned(s.pool)).ListUsers(ctx, p)
	if err != nil {
		return UserPage{}, fmt.Errorf("list users: %w", err)
	}
	page := f.page(rows)
	const tabCap = 999
	n, err := s.q.CountUsers(ctx, tabCap+1)
	if err != nil {
		return UserPage{}, fmt.Errorf("count users: %w", err)
	}
	page.Everyone, page.Staff = listing.Cap(n.Everyone, tabCap), listing.Cap(n.Staff, tabCap)
	page.Customers, page.Disabled = listing.Cap(n.Customers, tabCap), listing.Cap(n.Disabled, tabCap)
	return page, nil
}

// params returns the parameters of the query of a page.
func (f UserFilter) params() db.ListUsersParams {
	p := db.ListUsersParams{Max: int32(f.Limit) + 1, Disabled: f.Show == "disabled"}
	switch f.Show {
	case "staff":
		p.Staff = true
	case "customers":
		p.Customers = true
	}
	if role, id, ok := parseUserCursor(f.After); ok {
		p.AtRole, p.AtID = role, id
	} else if role, id, ok := parseUserCursor(f.Before); ok {
		p.AtRole, p.AtID, p.Back = role, id, true
	}
	return p
}

// page returns the page of the rows that the query of params returned. One row more than
// the limit means that there is a further page.
func (f UserFilter) page(rows []UserRow) UserPage {
	p := f.params()
	more := len(rows) > f.Limit
	if more {
		rows = rows[:f.Limit]
	}
	if p.Back {
		slices.Reverse(rows)
	}
	page := UserPage{Filter: f, Rows: rows}
	if len(rows) == 0 {
		return page
	}
	if more || p.Back {
		page.After = userCursor(rows[len(rows)-1])
	}
	if p.AtID != 0 && (more || !p.Back) {
		page.Before = userCursor(rows[0])
	}
	return page
}

// userCursor returns the cursor of a row.
func userCursor(r UserRow) string { return string(r.Role) + "." + strconv.FormatInt(r.ID, 10) }

// parseUserCursor reads a cursor, and reports whether s is one.
func parseUserCursor(s string) (role string, id int64, ok bool) {
	role, number, _ := strings.Cut(s, ".")
	id, err := strconv.ParseInt(number, 10, 64)
	return role, id, err == nil && id > 0 && Role(role).Valid()
}

// Get returns an account. It returns [fault.ErrForbidden] without [ManageAccounts],
// and [fault.ErrNotFound] if there is no such account. Its tickets are those that the actor may read.
func (s *Users) Get(ctx context.Context, actor Actor, id int64) (Account, error) {
	if !actor.Can(ManageAccounts) {
		return Account{}, fault.ErrForbidden
	}
	reach, viewer := actor.Scope()
	a, err := s.q.GetAccount(ctx, db.GetAccountParams{ID: id, Reach: reach, Viewer: viewer})
	return Account{a}, db.Found(err, "read account")
}
