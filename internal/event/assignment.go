package event

// Named is a user or a team in the log.
type Named struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// AssignmentChange is the data of entries of the kinds [KindAssignment] and [KindTeam]. A nil value is no assignee or
// no team. Why is "" if From was changed by the author of the entry; see the reasons.
type AssignmentChange struct {
	From *Named `json:"from"`
	To   *Named `json:"to"`
	Why  string `json:"why,omitempty"`
}

// Reasons of an [AssignmentChange].
const (
	WhyReply    = "reply"    // the author answered an unassigned ticket; the query WriteComment writes it
	WhyDisabled = "disabled" // the assignee was disabled, or is no staff any more, or may not read the ticket
	WhyRole     = "role"     // the assignee may not read the ticket with their new role, or with the change of their role
	WhyAbsent   = "absent"   // the ticket was reopened, and its assignee is away or cannot work on it
	WhyTeam     = "team"     // the assignee may not read the tickets of the team
	WhyRetired  = "retired"  // the team was retired
	WhyTurn     = "turn"     // the desk assigned the ticket automatically
)

// NewAssignee returns the user whom an assignment notifies: the new assignee, if another user or
// the desk itself chose them, else 0.
func NewAssignee(authorID int64, c AssignmentChange) int64 {
	if c.To == nil || c.To.ID == authorID && c.Why != WhyTurn {
		return 0
	}
	return c.To.ID
}
