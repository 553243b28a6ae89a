package importer

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// user is a converted user.
type user struct {
	oldID            string
	id               int64
	name, email, key string
	twin             bool // another account has the key
	hash             string
	role             account.Role
	created          time.Time
	notes            notes
}

// userConverter converts users. It has the keys of all addresses of the desk.
type userConverter struct {
	base  int64
	now   time.Time
	taken map[string]bool // keys of addresses
}

// convert converts a user, and marks the key of their address as taken.
func (p *userConverter) convert(s sourceUser) user {
	u := user{oldID: s.ID, id: p.base + s.Number, role: role(s.Role), created: p.now}
	if !strings.EqualFold(s.Role, string(u.role)) {
		u.notes.add(fmt.Sprintf("the role %q is not known: it is customer", s.Role))
	}
	if s.CreatedAt != nil {
		u.created = s.CreatedAt.UTC()
	}
	p.setEmail(&u, s)
	u.setName(s)
	u.setHash(s.Password)
	return u
}

// role returns the role with a name in upper or lower case, or customer for an unknown name.
func role(name string) account.Role {
	if r := account.Role(strings.ToLower(name)); r.Valid() {
		return r
	}
	return account.RoleCustomer
}

// setEmail sets the address and its key. An address that the desk cannot store is replaced
// by one that no mail can be sent to (RFC 2606).
func (p *userConverter) setEmail(u *user, s sourceUser) {
	email, ok := address(s.Email)
	if !ok {
		email = fmt.Sprintf("user-%d@import.invalid", u.id)
		u.notes.add(fmt.Sprintf("the address %q cannot be used: the account has %s instead", s.Email, email))
	}
	u.email, u.key = email, input.EmailKey(email)
	if u.twin = p.taken[u.key]; u.twin {
		if own := input.CleanLine(s.Email); ok && utf8.RuneCountInString(own) <= maxOf(account.RegisterInput{}, "email") {
			u.email = own
		}
		u.notes.add("another account has this address in another spelling: this one is found only by its own spelling, and not at all if only upper and lower case differ")
	}
	p.taken[u.key] = true
}

// address returns the stored form of an e-mail address, and whether the desk can store it.
func address(email string) (form string, ok bool) {
	in := account.RegisterInput{Username: "-", Email: email}
	var invalid *fault.Invalid
	err := input.Check(&in)
	return in.Email, !errors.As(err, &invalid) || invalid.Field("email") == ""
}

// setName sets the name: in its stored form, or the part of the address before the "@".
func (u *user) setName(s sourceUser) {
	name := input.CleanName(s.Name)
	if name == "" {
		local, _, _ := strings.Cut(u.email, "@")
		name = input.CleanName(local)
		u.notes.add("the name was empty: it is the beginning of the address")
	}
	short, isCut := cut(name, maxOf(account.RegisterInput{}, "username"))
	if u.name = input.CleanName(short); isCut {
		u.notes.add("the name was too long and is cut")
	}
}

// setHash sets the hash of the password. A hash that cannot be checked is replaced by "",
// which no password has.
func (u *user) setHash(hash string) {
	if account.IsImportableHash(hash) {
		u.hash = hash
		return
	}
	u.notes.add("the password cannot be used: give the account a new one with frontdesk user password " + u.email)
}

// entry returns the user's line of the report.
func (u *user) entry() Entry {
	return Entry{Kind: kindUser, OldID: u.oldID, NewID: u.id, Note: u.notes.String()}
}
