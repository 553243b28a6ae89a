package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// A link to a file rests on the right of the actor who made it. It ends with the
// session version and the token that it was made under, and shows a file only
// while that actor may see it.

// Link returns by what right a link to the file is made, for [Files.OpenLinked].
// It is [fault.ErrNotFound] unless the actor may see the file as one of a ticket.
func (s *Files) Link(ctx context.Context, actor account.Actor, name string) (by string, err error) {
	if !input.IsText(name) {
		return "", fault.ErrNotFound
	}
	seesAll, viewer := actor.Scope()
	file, err := s.q.FindFile(ctx, db.FindFileParams{Name: name, SeesAll: seesAll, Viewer: viewer})
	if err == nil && file.TicketID == nil {
		return "", fault.ErrNotFound
	}
	if err != nil {
		return "", db.Found(err, "find file")
	}
	row, err := s.q.LinkRight(ctx, db.LinkRightParams{UserID: actor.ID, Token: actor.Right.TokenHash()})
	if err != nil {
		return "", db.Found(err, "read the right to link")
	}
	by = fmt.Sprintf("%d.%d.%d", actor.ID, row.SessionVer, row.TokenID)
	if end := actor.Right.Expires; !end.IsZero() {
		by += fmt.Sprintf(".%d", end.Unix())
	}
	return by, nil
}

// OpenLinked opens a file for whoever has a link made by that right, and returns
// the actor who made it. A right that has ended is [fault.ErrCredentials].
func (s *Files) OpenLinked(ctx context.Context, by, name string) (account.Actor, Attachment, io.ReadSeekCloser, error) {
	p := db.LinkMakerParams{Now: s.Now()}
	right := account.Right{}
	var end int64
	switch n, _ := fmt.Sscanf(by, "%d.%d.%d.%d", &p.UserID, &p.SessionVer, &p.TokenID, &end); {
	case n < 3:
		return account.Actor{}, Attachment{}, nil, fault.ErrCredentials
	case n == 4:
		right.Expires = time.Unix(end, 0)
	}
	if right.HasExpired(p.Now) {
		return account.Actor{}, Attachment{}, nil, fault.ErrCredentials
	}
	u, err := s.q.LinkMaker(ctx, p)
	if errors.Is(err, pgx.ErrNoRows) {
		return account.Actor{}, Attachment{}, nil, fault.ErrCredentials
	}
	if err != nil {
		return account.Actor{}, Attachment{}, nil, fmt.Errorf("read who made the link: %w", err)
	}
	right.Version, right.Token = p.SessionVer, string(u.TokenHash)
	maker := account.Actor{ID: u.ID, Username: u.Username, Email: u.Email, Role: u.Role, Right: right}
	file, content, err := s.Open(ctx, maker, name)
	return maker, file, content, err
}
