package desk

import (
	"bytes"
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
)

// AnswerKept is how long the answer to a request with an Idempotency-Key is kept.
const AnswerKept = 24 * time.Hour

// answerTime is how long a request may take before its key is given up.
const answerTime = time.Minute

// ErrUnderWay says that another request with the same key is being answered.
var ErrUnderWay = errors.New("the same request is under way")

// Answer is what a request was answered, as its caller wants it kept.
type Answer struct {
	Status   int
	Body     []byte
	Location string // of what it made, "" where it made nothing with an address
	Seal     []byte // under which it is kept; see [Request]
}

// Request is what a request with an Idempotency-Key asks, as far as it is kept: a
// hash of it, and the name of the secret under which the hash was made.
type Request struct{ Seal, Hash []byte }

// BeginAnswer takes the key for one request of the actor's, who may be nobody
// yet: where it returns nothing, the caller acts, and then calls
// [Desk.KeepAnswer] or [Desk.DropAnswer]. The same request again gets the answer;
// with another hash it is [ErrKeyReused], and while the first is under way
// [ErrUnderWay]. The request is told under every seal that the caller has, the
// newest first. An answer under another is lost, and its key as good as new.
func (d *Desk) BeginAnswer(ctx context.Context, actor Actor, key string, asked []Request) (*Answer, error) {
	now := d.Now()
	p := db.BeginAnswerParams{UserID: actor.ID, Key: key, Seal: asked[0].Seal, RequestHash: asked[0].Hash,
		Now: now, Expired: now.Add(-AnswerKept), Abandoned: now.Add(-answerTime)}
	for _, a := range asked {
		p.Seals = append(p.Seals, a.Seal)
	}
	_, err := d.q.BeginAnswer(ctx, p)
	if err == nil {
		return nil, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("take key: %w", err)
	}
	was, err := d.q.GetAnswer(ctx, db.GetAnswerParams{UserID: actor.ID, Key: key})
	if errors.Is(err, pgx.ErrNoRows) { // dropped meanwhile
		return nil, ErrUnderWay
	}
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	of := slices.IndexFunc(asked, func(a Request) bool { return bytes.Equal(a.Seal, was.Seal) })
	switch {
	case of >= 0 && !hmac.Equal(was.RequestHash, asked[of].Hash):
		return nil, ErrKeyReused
	case of < 0, was.Status == 0: // under another's seal it is under way still, or began just now
		return nil, ErrUnderWay
	}
	if actor.ID != 0 {
		if err := d.rightHolds(ctx, d.q, actor); err != nil {
			return nil, err
		}
	}
	return &Answer{Status: int(was.Status), Body: was.Body, Location: was.Location, Seal: was.Seal}, nil
}

// KeepAnswer keeps what the request was answered that has taken the key.
func (d *Desk) KeepAnswer(ctx context.Context, actor Actor, key string, asked Request, a Answer) error {
	err := d.q.KeepAnswer(ctx, db.KeepAnswerParams{UserID: actor.ID, Key: key, RequestHash: asked.Hash, Status: int32(a.Status), Body: a.Body, Location: a.Location})
	if err != nil {
		return fmt.Errorf("keep answer: %w", err)
	}
	return nil
}

// DropAnswer gives the key back: the request that took it failed, and may be sent again.
func (d *Desk) DropAnswer(ctx context.Context, actor Actor, key string, asked Request) error {
	if err := d.q.DropAnswer(ctx, db.DropAnswerParams{UserID: actor.ID, Key: key, RequestHash: asked.Hash}); err != nil {
		return fmt.Errorf("give key back: %w", err)
	}
	return nil
}

// ClaimStaged gives the files that wait under a key of one request to the key
// under which the actor's request acts, but for those that it brought when it
// was first sent. What waited there of a request that failed is dropped: it is
// not sent now. Its bytes are swept.
func (d *Desk) ClaimStaged(ctx context.Context, actor Actor, from, key string) error {
	return d.act(ctx, actor, func(q *db.Queries) error {
		if err := q.LockForms(ctx, actor.ID); err != nil {
			return fmt.Errorf("lock forms: %w", err)
		}
		if err := q.DropWaitingFiles(ctx, db.DropWaitingFilesParams{UserID: actor.ID, SubmissionID: key}); err != nil {
			return fmt.Errorf("drop files of before: %w", err)
		}
		if err := q.MoveNewFiles(ctx, db.MoveNewFilesParams{UserID: actor.ID, OldID: from, NewID: key}); err != nil {
			return fmt.Errorf("claim files: %w", err)
		}
		return nil
	})
}
