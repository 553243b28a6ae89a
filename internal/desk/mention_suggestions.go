package desk

import (
	"context"
	"fmt"
	"slices"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/search"
)

// maxSuggested is the maximum number of colleagues that the editor of notes offers.
const maxSuggested = 10

// MentionSuggestion is a colleague whom a note can mention by @ and Text.
type MentionSuggestion = db.SuggestMentionedRow

// SuggestMentions returns at most 10 colleagues whom a note on a ticket can mention and who have a first or last name
// that begins with a text; none for a blank text. Users who may not write notes on the ticket get [fault.ErrForbidden].
func (s *Notes) SuggestMentions(ctx context.Context, actor account.Actor, ticketID int64, beginning string) ([]MentionSuggestion, error) {
	t, err := s.ticket(ctx, s.q, actor, ticketID)
	switch {
	case err != nil:
		return nil, err
	case !May(actor, ToNote, t):
		return nil, fault.ErrForbidden
	}
	beginning = search.Clean(beginning)
	if beginning == "" {
		return nil, nil
	}
	found, err := s.q.SuggestMentioned(ctx, db.SuggestMentionedParams{TicketID: ticketID, Viewer: actor.ID, Beginning: beginning, Max: maxSuggested})
	if err != nil {
		return nil, fmt.Errorf("suggest colleagues: %w", err)
	}
	for i, f := range found {
		if !slices.Contains(namesAt(f.Text).names, f.Text) { // such as a name of too many words
			found[i].Text = f.Email
		}
	}
	return found, nil
}
