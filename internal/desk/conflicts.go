package desk

import "fmt"

// Stale is returned if the ticket has changed since the form was loaded: it has another
// version. Current is the ticket as it is now.
type Stale struct{ Current Ticket }

// Error implements error.
func (e *Stale) Error() string {
	return fmt.Sprintf("ticket %d has changed since, to version %d", e.Current.ID, e.Current.Version)
}

// Unseen is returned instead of storing a comment if other members of staff have
// commented since the author last saw the log.
type Unseen struct {
	Comments int
	After    int64  // the seq up to which the author saw the log
	First    int64  // the seq of the first of the comments
	By       string // the name of their author; "" if there are several
}

// Error implements error.
func (e *Unseen) Error() string {
	return fmt.Sprintf("%d comments were added after seq %d", e.Comments, e.After)
}
