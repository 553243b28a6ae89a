package desk

// The rules of who may change what, as pure predicates: verbs enforce them,
// views ask the same ones before they show a button. Who may read is decided
// in the queries.

// IsRequester reports whether the ticket is the actor's own.
func (a Actor) IsRequester(t Ticket) bool { return a.ID != 0 && a.ID == t.RequesterID }

// CanEdit reports whether the actor may change subject, description, category, priority and files.
func (a Actor) CanEdit(t Ticket) bool { return a.IsAdmin() || a.IsRequester(t) }

// CanDelete reports whether the actor may delete the ticket.
func (a Actor) CanDelete(t Ticket) bool { return a.IsAdmin() || a.IsRequester(t) }

// CanTriage reports whether the actor may set the status.
func (a Actor) CanTriage() bool { return a.IsAdmin() }

// CanSolve reports whether the actor may say "This is solved" of the ticket.
func (a Actor) CanSolve(t Ticket) bool {
	return a.IsRequester(t) && (t.Status == StatusOpen || t.Status == StatusInProgress)
}

// CanManage reports whether the actor may manage users, categories and the trash.
func (a Actor) CanManage() bool { return a.IsAdmin() }
