package importer

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/input"
)

// accountPlan is the plan for the accounts that a desk has before the import.
type accountPlan struct {
	moves   []move
	roles   []newRole        // after the moves
	merged  map[string]int64 // users of the source that have an account → its id, after the moves
	entries []Entry
}

// move gives an account another id.
type move struct {
	from, to int64
	twin     bool
}

// newRole gives an account a higher role.
type newRole struct {
	id   int64
	role account.Role
}

// match is an account of the desk with the user of the source, if any, that has its address.
type match struct {
	db.KeyedAccountsRow
	user   *sourceUser // with the same address; nil if there is none
	needed bool        // its id is that of a user of the source
}

// matchAccounts compares the accounts of the desk with the users of the source. kept reports
// whether users keep their ids.
func matchAccounts(rows []db.KeyedAccountsRow, users iter.Seq2[sourceUser, error], kept bool) ([]*match, error) {
	byKey, byID := map[string]*match{}, map[int64]*match{}
	for _, r := range rows {
		m := &match{KeyedAccountsRow: r}
		if byID[r.ID] = m; !r.EmailTwin {
			byKey[r.Key] = m
		}
	}
	for u, err := range users {
		if err != nil {
			return nil, err
		}
		if m := byID[u.Number]; m != nil && kept {
			m.needed = true
		}
		if len(byKey) == 0 {
			continue
		}
		if email, ok := address(u.Email); ok {
			if m := byKey[input.EmailKey(email)]; m != nil && m.user == nil {
				m.user = &u
			}
		}
	}
	return slices.SortedFunc(maps.Values(byID), func(a, b *match) int { return cmp.Compare(a.ID, b.ID) }), nil
}

// planAccounts returns the plan for the accounts. If ids are kept, an account with the address of a
// user of the source takes the id of that user. Other accounts whose id a user needs get a new id
// from next.
func planAccounts(matches []*match, kept bool, next func() (int64, error)) (accountPlan, error) {
	p := accountPlan{merged: map[string]int64{}}
	now := map[*match]int64{}
	for _, m := range matches {
		now[m] = m.ID
		if !m.needed || m.user != nil && m.user.Number == m.ID {
			continue
		}
		id, err := next()
		if err != nil {
			return p, err
		}
		p.moves = append(p.moves, move{m.ID, id, m.EmailTwin})
		now[m] = id
	}
	for _, m := range matches { // now the ids of users are free
		if m.user != nil && kept && now[m] != m.user.Number {
			p.moves = append(p.moves, move{now[m], m.user.Number, m.EmailTwin})
			now[m] = m.user.Number
		}
		p.note(m, now[m])
	}
	return p, nil
}

// note adds to the plan the new role, the merge and the report entries of an account, whose id is
// now id.
func (p *accountPlan) note(m *match, id int64) {
	ended := ""
	if id != m.ID {
		ended = "; its sessions and API tokens have ended"
		p.entries = append(p.entries, Entry{Kind: kindAccount, OldID: fmt.Sprint(m.ID), NewID: id, Note: "the account " + m.Email + " of this desk has a new id" + ended})
	}
	if m.user == nil {
		return
	}
	p.merged[m.user.ID] = id
	note := "the desk had an account with this address, " + m.Email + ": it keeps its name and its password"
	if r := role(m.user.Role); slices.Index(db.AllUserRoleValues(), r) > slices.Index(db.AllUserRoleValues(), m.Role) {
		p.roles = append(p.roles, newRole{id, r})
		note += ", and has the role " + string(r) + " now"
	}
	p.entries = append(p.entries, Entry{Kind: kindUser, OldID: m.user.ID, NewID: id, Note: note + ended})
}

// settleAccounts moves and merges the accounts of the desk.
func (d *database) settleAccounts(ctx context.Context, q *db.Queries, s *source) error {
	rows, err := q.KeyedAccounts(ctx)
	if err != nil {
		return err
	}
	matches, err := matchAccounts(rows, s.eachUser(ctx), s.userIDs.kept)
	if err != nil {
		return err
	}
	p, err := planAccounts(matches, s.userIDs.kept, func() (int64, error) { return q.NextUserID(ctx) })
	if err != nil {
		return err
	}
	for _, m := range p.moves {
		if err := moveAccount(ctx, q, m); err != nil {
			return fmt.Errorf("move the account %d: %w", m.from, err)
		}
	}
	for _, r := range p.roles {
		if err := q.SetUserRole(ctx, db.SetUserRoleParams{ID: r.id, Role: r.role}); err != nil {
			return err
		}
	}
	return addEntries(ctx, q, p.entries)
}

// moveAccount gives an account another id. PostgreSQL does not change the value of an
// identity column, so the row is copied. Sessions and tokens of the account are deleted.
func moveAccount(ctx context.Context, q *db.Queries, m move) error {
	if err := q.CopyAccount(ctx, db.CopyAccountParams{NewID: m.to, OldID: m.from}); err != nil {
		return err
	}
	if err := q.MoveOwned(ctx, db.MoveOwnedParams{NewID: m.to, OldID: m.from}); err != nil {
		return err
	}
	if err := q.DeleteAccount(ctx, m.from); err != nil {
		return err
	}
	return q.SetTwin(ctx, db.SetTwinParams{ID: m.to, Twin: m.twin})
}
