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

// KeepForm stores the text fields of a form on page, which was sent to path, for the user of an ended
// session. It replaces a form that was stored for both. It reports whether it stored the form: not if
// twenty forms of the user are stored, if the form is over [MaxKept], or if the rate of Limits.Actions
// is exceeded, because requests with an ended session are limited, too.
func (s *Requests) KeepForm(ctx context.Context, user int64, page, path string, fields map[string][]string) (bool, error) {
	raw, err := json.Marshal(withoutNUL(fields))
	key := page + "#" + path
	if err != nil || len(raw) > MaxKept || len(key) > 500 || !input.IsText(key) {
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
		n, err = q.KeepForm(ctx, db.KeepFormParams{UserID: user, Key: key, Fields: raw, Now: s.Now()})
		return err
	})
	if err != nil {
		return false, fmt.Errorf("keep form: %w", err)
	}
	return n > 0, nil
}

// KeptForm is a form that was stored by [Requests.KeepForm].
type KeptForm struct {
	Fields map[string][]string
	key    string
	at     time.Time // when it was stored
}

// KeptForms returns the actor's kept forms of a page, the newest first.
func (s *Requests) KeptForms(ctx context.Context, actor account.Actor, page string) ([]KeptForm, error) {
	rows, err := s.q.KeptForms(ctx, db.KeptFormsParams{UserID: actor.ID, Page: page, Since: s.Now().Add(-KeptFor)})
	if err != nil {
		return nil, fmt.Errorf("read kept forms: %w", err)
	}
	out := make([]KeptForm, len(rows))
	for i, row := range rows {
		out[i].key, out[i].at = row.Key, row.CreatedAt
		if err := json.Unmarshal(row.Fields, &out[i].Fields); err != nil {
			return nil, fmt.Errorf("read a kept form: %w", err)
		}
	}
	return out, nil
}

// DropForms removes kept forms of the actor, except those in whose place another has been stored since.
func (s *Requests) DropForms(ctx context.Context, actor account.Actor, forms []KeptForm) error {
	in := db.DropFormsParams{UserID: actor.ID}
	for _, f := range forms {
		in.Keys, in.Times = append(in.Keys, f.key), append(in.Times, f.at)
	}
	if err := s.q.DropForms(ctx, in); err != nil {
		return fmt.Errorf("drop kept forms: %w", err)
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
