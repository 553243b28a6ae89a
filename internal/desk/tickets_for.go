package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/search"
)

// ForInput names the requester of a ticket that staff open for another user.
type ForInput struct {
	Requester string `form:"requester" json:"requester" validate:"max=254,line" doc:"For staff: the user for whom you open the ticket, by id or e-mail address. An unknown address gets an account without a password. Without it the ticket is your own."`
	Waiting   bool   `form:"waiting" json:"waiting" doc:"For staff: whether the requester waits for an answer. Without it a ticket for another user waits only after they write."`
}

// NewTicketInput is the form for a new ticket, also one for another user.
type NewTicketInput struct {
	TicketInput
	ForInput
}

// MayOpenFor reports whether the actor may open tickets for other users.
func MayOpenFor(actor account.Actor) bool {
	return actor.Can(account.TriageTickets) && actor.Can(account.SeeAllTickets)
}

// OpenFor is [Tickets.Open] with the requester that in names, who sees the ticket as their
// own. The log names the actor as the author of the entry "opened". For another requester it
// returns [fault.ErrForbidden] unless [MayOpenFor] holds.
func (s *Tickets) OpenFor(ctx context.Context, actor account.Actor, in NewTicketInput) (Ticket, error) {
	if in.Requester != "" && !MayOpenFor(actor) {
		return Ticket{}, fault.ErrForbidden
	}
	invalid := input.Check(&in)
	if err := fault.Merge(checkRequester(in.Requester), invalid); err != nil { // in the order of the form
		return Ticket{}, err
	}
	if in.SubmissionID == "" {
		in.SubmissionID = rand.Text()
	}
	var t Ticket
	err := s.act(ctx, actor, func(q *db.Queries) error {
		files, err := s.submitted(ctx, q, actor, in.SubmissionID)
		if err != nil {
			return err
		}
		requester := actor.ID
		if in.Requester != "" {
			if requester, err = s.requester(ctx, q, in.Requester); err != nil {
				return err
			}
		}
		n := in.newTicket(actor, requester, files)
		if MayOpenFor(actor) {
			if err := checkForm(ctx, q, actor, n); err != nil {
				return err
			}
		}
		id, err := s.openOnce(ctx, q, actor, n)
		if err != nil {
			return err
		}
		t, err = s.ticket(ctx, q, actor, id)
		return err
	})
	return t, err
}

// newTicket returns the ticket of the form for a requester, with the files of the form.
func (in NewTicketInput) newTicket(actor account.Actor, requester int64, files []Attachment) newTicket {
	if requester == actor.ID {
		return newTicket{TicketInput: in.TicketInput, requester: requester, waits: true, key: in.SubmissionID, hash: in.hash(files)}
	}
	return newTicket{TicketInput: in.TicketInput, requester: requester, waits: in.Waiting,
		key:  fmt.Sprintf("%d %s", actor.ID, in.SubmissionID), // the keys of the requester's own forms are separate
		hash: submissionHash([]string{in.Subject, in.Description, in.Category, in.Priority, fmt.Sprint(in.Waiting)}, files)}
}

// checkForm returns [fault.ErrKeyReused] if the form of a new ticket was sent before for another requester, also at the
// same time: the unique key of a ticket has its requester.
func checkForm(ctx context.Context, q *db.Queries, actor account.Actor, n newTicket) error {
	if err := q.LockForm(ctx, db.LockFormParams{AuthorID: actor.ID, SubmissionID: n.SubmissionID}); err != nil {
		return fmt.Errorf("lock the form: %w", err)
	}
	isSent, err := q.IsSentForAnother(ctx, db.IsSentForAnotherParams{AuthorID: actor.ID, SubmissionID: n.SubmissionID, RequesterID: n.requester})
	if err != nil {
		return fmt.Errorf("look for the form of another requester: %w", err)
	}
	if isSent {
		return fault.ErrKeyReused
	}
	return nil
}

// addressInput has the rules of the address of a requester.
type addressInput struct {
	Requester string `form:"requester" validate:"required,max=254,line,email,address"`
}

// checkRequester returns [*fault.Invalid] for a requester that is neither "", a number nor an
// address.
func checkRequester(text string) error {
	if _, err := strconv.ParseInt(text, 10, 64); err == nil || text == "" {
		return nil
	}
	if input.Check(&addressInput{text}) != nil {
		return fault.NewInvalid("requester", "Write the whole e-mail address, such as ana@example.org, or the number of a user.")
	}
	return nil
}

// FoundRequesters are users for whom staff may open a ticket, found by a name.
type FoundRequesters struct {
	Text     string // what was typed
	Searched bool   // the text was a name, not an address or a number
	Rows     []db.FindRequestersRow
	More     bool // there are more than these
}

// foundRequesters is the maximum number of users that [Tickets.FindRequesters] returns.
const foundRequesters = 10

// FindRequesters returns the users whose name or address contains a text, if that is neither an address nor
// a number nor shorter than three characters. It returns [fault.ErrForbidden] unless [MayOpenFor] holds.
func (s *Tickets) FindRequesters(ctx context.Context, actor account.Actor, text string) (FoundRequesters, error) {
	if !MayOpenFor(actor) {
		return FoundRequesters{}, fault.ErrForbidden
	}
	found := FoundRequesters{Text: text}
	text = search.Clean(text)
	if _, err := strconv.ParseInt(text, 10, 64); err == nil || text == "" || strings.Contains(text, "@") {
		return found, nil
	}
	asked, err := search.Read(ctx, s.q, text)
	if err != nil {
		return FoundRequesters{}, err
	}
	if asked.NamePattern() == "" {
		return found, nil
	}
	p := db.FindRequestersParams{Q: text, Max: foundRequesters + 1}
	p.Needle, p.NeedleBefore = asked.NeedlesFor(text)
	rows, err := db.New(db.Planned(s.pool)).FindRequesters(ctx, p)
	if err != nil {
		return FoundRequesters{}, fmt.Errorf("find requesters: %w", err)
	}
	found.Searched, found.Rows, found.More = true, rows[:min(len(rows), foundRequesters)], len(rows) > foundRequesters
	return found, nil
}

// requester returns the user with an id or an address, in the caller's transaction. An
// unknown address gets an account without a password: signing in to it fails like a wrong
// password, until an admin gives it a one-time password.
func (s *Tickets) requester(ctx context.Context, q *db.Queries, text string) (int64, error) {
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		u, err := q.GetUserByID(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return 0, fault.NewInvalid("requester", "There is no user with this number.")
		}
		return u.ID, enabledRequester(u.DisabledAt != nil, err)
	}
	email := addressInput{text}
	if err := input.Check(&email); err != nil {
		return 0, err
	}
	key := input.EmailKey(email.Requester)
	u, err := q.GetUserByEmail(ctx, db.GetUserByEmailParams{Email: email.Requester, Key: key})
	if !errors.Is(err, pgx.ErrNoRows) {
		return u.ID, enabledRequester(u.DisabledAt != nil, err)
	}
	return s.newRequester(ctx, q, email.Requester, key)
}

// newRequester adds an account without a password. It returns [*fault.Invalid] for the former address of an
// account, which its owner can still take back.
func (s *Tickets) newRequester(ctx context.Context, q *db.Queries, email, key string) (int64, error) {
	reserved, err := q.IsAddressReserved(ctx, db.IsAddressReservedParams{Email: email, Now: s.Now()})
	switch {
	case err != nil:
		return 0, fmt.Errorf("read former addresses: %w", err)
	case reserved:
		return 0, fault.NewInvalid("requester", "This is the former address of an account, whose owner can still take it back. Use the account's present address.")
	}
	name, _, _ := strings.Cut(email, "@")
	letters := []rune(name)
	id, err := q.CreateRequester(ctx, db.CreateRequesterParams{Username: string(letters[:min(len(letters), 100)]), Email: email, EmailKey: key})
	if errors.Is(err, pgx.ErrNoRows) { // another transaction has just added it
		var u db.GetUserByEmailRow
		u, err = q.GetUserByEmail(ctx, db.GetUserByEmailParams{Email: email, Key: key})
		id = u.ID
	}
	if err != nil {
		return 0, fmt.Errorf("create requester: %w", err)
	}
	return id, nil
}

// enabledRequester returns err, or [*fault.Invalid] for a disabled account.
func enabledRequester(disabled bool, err error) error {
	if err != nil {
		return fmt.Errorf("read requester: %w", err)
	}
	if disabled {
		return fault.NewInvalid("requester", "The account of this user is disabled.")
	}
	return nil
}

// Others are other tickets of the requester of a ticket.
type Others struct {
	Rows       []db.ListOtherTicketsRow // the last updated first, at most [maxOthers]
	Unresolved int64                    // how many are open or in progress, at most 99 are counted
}

// maxOthers is how many other tickets are listed beside a ticket.
const maxOthers = 5

// OthersOf returns the other tickets of the requester of t that the actor may read.
func (s *Tickets) OthersOf(ctx context.Context, actor account.Actor, t Ticket) (Others, error) {
	reach, viewer := actor.Scope()
	rows, err := s.q.ListOtherTickets(ctx, db.ListOtherTicketsParams{RequesterID: t.RequesterID, TicketID: t.ID, Reach: reach, Viewer: viewer, Max: maxOthers})
	if err != nil {
		return Others{}, fmt.Errorf("list other tickets: %w", err)
	}
	out := Others{Rows: rows}
	if len(rows) > 0 {
		out.Unresolved = rows[0].Unresolved
	}
	return out, nil
}
