package desk

// Actor is the signed-in person who makes a request. The zero Actor is a visitor
// without an account, who may do nothing.
type Actor struct {
	ID                 int64
	Username           string
	Email              string
	Role               Role
	MustChangePassword bool

	right right
}

// IsAdmin reports whether the actor sees all and triages.
func (a Actor) IsAdmin() bool { return a.Role == RoleAdmin }

// scope gives the two arguments of the may-read predicate that every query
// which loads tickets carries.
func (a Actor) scope() (seesAll bool, viewer int64) { return a.IsAdmin(), a.ID }
