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

// A link to a file depends on the right of the actor who created it. It works only as
// long as the session version or token with which it was created is valid, and the actor
// may read the file's ticket.

// Link returns the text that identifies the actor's right in a link to the file, for
// [Files.OpenLinked]. It returns [fault.ErrNotFound] unless the file is attached to a
// ticket that the actor may read.
func (s *Files) Link(ctx context.Context, actor account.Actor, name string) (by string, err error) {
	if !input.IsText(name) {
		return "", fault.ErrNotFound
	}
	file, err := findFile(ctx, s.q, actor, name)
	if err == nil && file.TicketID == nil {
		return "", fault.ErrNotFound
	}
	if err != nil {
		return "", err
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

// OpenLinked opens a file for a request with a link. The value of by is the right from
// [Files.Link]. OpenLinked returns the actor who created the link, and
// [fault.ErrCredentials] if the right is not valid any more. For other errors see
// [Files.Open].
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
		return account.Actor{}, Attachment{}, nil, fmt.Errorf("read the creator of the link: %w", err)
	}
	right.Version, right.Token = p.SessionVer, string(u.TokenHash)
	maker := account.Actor{ID: u.ID, Username: u.Username, Email: u.Email, Role: u.Role, Right: right}.WithCustomRole(u.CustomRole, u.Permissions)
	file, content, err := s.Open(ctx, maker, name)
	return maker, file, content, err
}
