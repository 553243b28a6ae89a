package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/limit"
)

// What was typed into a form whose session had ended is kept for the person
// whose session it was, and for nobody else.

const (
	// KeptFor is how long after its session's end a form is kept, and how long it waits.
	KeptFor = 24 * time.Hour
	// MaxKept is what a kept form may have in bytes.
	MaxKept = 64 << 10
)

// EndedSession is the account of the session that the token named, where that
// ended within the last day; 0 where there is none.
func (s *Requests) EndedSession(ctx context.Context, token string) (int64, error) {
	now := s.Now()
	user, err := s.q.EndedSession(ctx, db.EndedSessionParams{TokenHash: account.HashToken(token), EndedAfter: now.Add(-KeptFor), SeenAfter: now.Add(-KeptFor - account.SessionIdle)})
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("find ended session: %w", err)
	}
	return user, nil
}

// KeepForm keeps the text fields of a form on page for the account of an ended
// session, where fewer than twenty wait and they do not come too fast (an ended
// session can still ask, as often as under Limits.Actions). It reports whether it did.
func (s *Requests) KeepForm(ctx context.Context, user int64, page string, fields map[string][]string) (bool, error) {
	raw, err := json.Marshal(withoutNUL(fields))
	if err != nil || len(raw) > MaxKept || len(page) > 500 || !input.IsText(page) {
		return false, err
	}
	var limited *fault.Limited
	if err := s.limiter.AllowAlone(ctx, limit.OfUser("kept", user), s.opts.Limits.Actions, 1); err != nil {
		if errors.As(err, &limited) {
			return false, nil
		}
		return false, err
	}
	var n int64
	err = s.tx(ctx, func(q *db.Queries) (err error) {
		if err := q.HoldRightAlone(ctx, user); err != nil {
			return err
		}
		n, err = q.KeepForm(ctx, db.KeepFormParams{UserID: user, Page: page, Fields: raw, Now: s.Now()})
		return err
	})
	if err != nil {
		return false, fmt.Errorf("keep form: %w", err)
	}
	return n > 0, nil
}

// TakeForm returns the actor's kept form of the page, once; nil where there is none.
func (s *Requests) TakeForm(ctx context.Context, actor account.Actor, page string) (map[string][]string, error) {
	raw, err := s.q.TakeForm(ctx, db.TakeFormParams{UserID: actor.ID, Page: page, Since: s.Now().Add(-KeptFor)})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("take kept form: %w", err)
	}
	var fields map[string][]string
	return fields, json.Unmarshal(raw, &fields)
}

// KeptPages lists the pages for which a form of the actor is kept, at most 20.
func (s *Requests) KeptPages(ctx context.Context, actor account.Actor) ([]string, error) {
	pages, err := s.q.KeptPages(ctx, db.KeptPagesParams{UserID: actor.ID, Since: s.Now().Add(-KeptFor)})
	if err != nil {
		return nil, fmt.Errorf("list kept forms: %w", err)
	}
	return pages, nil
}

// withoutNUL is a form that jsonb can keep: the sign for what is no character
// stands where a NUL was, as [json.Marshal] does with invalid UTF-8.
func withoutNUL(fields map[string][]string) map[string][]string {
	const nul, sign = "\x00", "\ufffd"
	out := make(map[string][]string, len(fields))
	for name, values := range fields {
		kept := make([]string, len(values))
		for i, v := range values {
			kept[i] = strings.ReplaceAll(v, nul, sign)
		}
		out[strings.ReplaceAll(name, nul, sign)] = kept
	}
	return out
}
