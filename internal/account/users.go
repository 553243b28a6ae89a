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

// UserFilter says which accounts are wanted. Show is "", "staff", "customers"
// or "disabled"; anything else shows everyone. After and Before are cursors of
// [UserPage]; one that was not made here shows the first page.
type UserFilter struct {
	Q      string `form:"q"`
	Show   string `form:"show"`
	After  string `form:"after"`
	Before string `form:"before"`
	Limit  int    // PageSize where it is 0
}

// UserRow is one account in the list.
type UserRow = db.ListUsersRow

// Account is one account as staff see it.
type Account = db.GetAccountRow

// UserPage is a stretch of the accounts, staff first, then the newest.
type UserPage struct {
	Filter                               UserFilter // as it was understood
	Rows                                 []UserRow
	After, Before                        string // cursors, "" where there is no further page
	Everyone, Staff, Customers, Disabled listing.Capped
}

// manyTickets is how far the tickets of an account are told; the queries count one more.
const manyTickets = 99

// CappedTickets is the number of an account's tickets as people read it.
func CappedTickets(n int64) listing.Capped { return listing.Cap(n, manyTickets) }

// Users lists accounts for an admin.
func (s *Service) Users(ctx context.Context, actor Actor, f UserFilter) (UserPage, error) {
	if !actor.Can(ManageAccounts) {
		return UserPage{}, fault.ErrForbidden
	}
	if f.Limit <= 0 {
		f.Limit = listing.PageSize
	}
	f.Q = search.Clean(f.Q)
	p := f.params()
	if f.Q != "" {
		a, err := search.Read(ctx, s.q, f.Q)
		if err != nil {
			return UserPage{}, err
		}
		if p.Needle = a.Name; !a.Filled {
			p.Needle, p.NeedleBefore = "", search.Containing(f.Q)
		}
	}
	// The plan depends on what is asked for, so each call has one of its own.
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

func (f UserFilter) params() db.ListUsersParams {
	p := db.ListUsersParams{Max: int32(f.Limit) + 1, Disabled: f.Show == "disabled"}
	switch f.Show {
	case "staff":
		p.Role = string(RoleAdmin)
	case "customers":
		p.Role = string(RoleCustomer)
	}
	if role, id, ok := parseUserCursor(f.After); ok {
		p.AtRole, p.AtID = role, id
	} else if role, id, ok := parseUserCursor(f.Before); ok {
		p.AtRole, p.AtID, p.Back = role, id, true
	}
	return p
}

// page turns the rows that params asked for into a page; one row too many
// means that there is more.
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

func userCursor(r UserRow) string { return string(r.Role) + "." + strconv.FormatInt(r.ID, 10) }

func parseUserCursor(s string) (role string, id int64, ok bool) {
	role, number, _ := strings.Cut(s, ".")
	id, err := strconv.ParseInt(number, 10, 64)
	return role, id, err == nil && id > 0 && Role(role).Valid()
}

// Account reads one account for an admin.
func (s *Service) Account(ctx context.Context, actor Actor, id int64) (Account, error) {
	if !actor.Can(ManageAccounts) {
		return Account{}, fault.ErrForbidden
	}
	a, err := s.q.GetAccount(ctx, id)
	return a, db.Found(err, "read account")
}
