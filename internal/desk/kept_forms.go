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

// The fields of a form that was sent after its session ended are stored for the user of
// that session, and only that user can get them back.

const (
	// KeptFor is how long after the end of its session a form can be stored, and how long
	// it is stored.
	KeptFor = 24 * time.Hour
	// MaxKept is the maximum size of a kept form in bytes, as JSON.
	MaxKept = 64 << 10
)

// EndedSession returns the user of the session with the token if it ended within the last
// day, and otherwise 0.
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

// KeepForm stores the text fields of a form on page for the user of an ended session. It
// reports whether it did: it stores nothing if twenty forms of the user are stored, if
// the form is over [MaxKept], or if the rate of Limits.Actions is exceeded, because
// requests with an ended session are limited, too.
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

// KeptForm is a form that was stored by [Requests.KeepForm].
type KeptForm struct {
	Page   string
	Fields map[string][]string // nil if no form is stored
	at     time.Time           // when it was stored
}

// KeptForm returns the actor's kept form of a page.
func (s *Requests) KeptForm(ctx context.Context, actor account.Actor, page string) (KeptForm, error) {
	row, err := s.q.KeptForm(ctx, db.KeptFormParams{UserID: actor.ID, Page: page, Since: s.Now().Add(-KeptFor)})
	if errors.Is(err, pgx.ErrNoRows) {
		return KeptForm{}, nil
	}
	if err != nil {
		return KeptForm{}, fmt.Errorf("read kept form: %w", err)
	}
	f := KeptForm{Page: page, at: row.CreatedAt}
	return f, json.Unmarshal(row.Fields, &f.Fields)
}

// DropForm removes a kept form of the actor, unless another has been stored for its page since.
func (s *Requests) DropForm(ctx context.Context, actor account.Actor, f KeptForm) error {
	if err := s.q.DropForm(ctx, db.DropFormParams{UserID: actor.ID, Page: f.Page, CreatedAt: f.at}); err != nil {
		return fmt.Errorf("drop kept form: %w", err)
	}
	return nil
}

// KeptPages returns the pages for which the actor has a kept form, at most 20.
func (s *Requests) KeptPages(ctx context.Context, actor account.Actor) ([]string, error) {
	pages, err := s.q.KeptPages(ctx, db.KeptPagesParams{UserID: actor.ID, Since: s.Now().Add(-KeptFor)})
	if err != nil {
		return nil, fmt.Errorf("list kept forms: %w", err)
	}
	return pages, nil
}

// withoutNUL returns a copy of fields that jsonb can store. Each NUL is replaced by
// U+FFFD, as [json.Marshal] replaces invalid UTF-8.
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
