package desk

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// AnswerKept is how long the answer to a request with an Idempotency-Key is kept.
const AnswerKept = 24 * time.Hour

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

// BeginAnswer takes the key for one request of the actor, who may be a visitor. It
// returns either a hold of the key, under which the caller acts, or the answer that
// the same request got before. A request with another hash is [fault.ErrKeyReused]; while
// the first one is under way, it is [fault.ErrUnderWay]. The request is hashed under every
// seal that the caller has, the newest first. An answer under another seal is lost,
// and its key is free.
func (s *Requests) BeginAnswer(ctx context.Context, actor account.Actor, key string, asked []Request) (*Hold, *Answer, error) {
	now, holder := s.Now(), rand.Text()
	p := db.BeginAnswerParams{UserID: actor.ID, Key: key, Seal: asked[0].Seal, RequestHash: asked[0].Hash,
		Now: now, Expired: now.Add(-AnswerKept), Holder: holder, Hold: s.holdTime.Seconds()}
	for _, a := range asked {
		p.Seals = append(p.Seals, a.Seal)
	}
	_, err := s.q.BeginAnswer(ctx, p)
	if err == nil {
		return s.hold(ctx, actor, key, holder), nil, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return nil, nil, fmt.Errorf("take key: %w", err)
	}
	was, err := s.answered(ctx, actor, key, asked)
	return nil, was, err
}

// answered returns the answer that is kept for the same request.
func (s *Requests) answered(ctx context.Context, actor account.Actor, key string, asked []Request) (*Answer, error) {
	was, err := s.q.GetAnswer(ctx, db.GetAnswerParams{UserID: actor.ID, Key: key})
	if errors.Is(err, pgx.ErrNoRows) { // dropped meanwhile
		return nil, fault.ErrUnderWay
	}
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	of := slices.IndexFunc(asked, func(a Request) bool { return bytes.Equal(a.Seal, was.Seal) })
	switch {
	case of >= 0 && !hmac.Equal(was.RequestHash, asked[of].Hash):
		return nil, fault.ErrKeyReused
	case of < 0, was.Status == 0: // under another's seal it is under way still, or began just now
		return nil, fault.ErrUnderWay
	}
	if actor.ID != 0 {
		if err := s.accounts.StillSignedIn(ctx, actor); err != nil {
			return nil, err
		}
	}
	return &Answer{Status: int(was.Status), Body: was.Body, Location: was.Location, Seal: was.Seal}, nil
}

// ClaimStaged gives the files that wait under a key of one request to the key
// under which the actor's request acts, but for those that it brought when it
// was first sent. What waited there of a request that failed is dropped: it is
// not sent now. Its bytes are swept.
func (s *Requests) ClaimStaged(ctx context.Context, actor account.Actor, from, key string) error {
	return s.act(ctx, actor, func(q *db.Queries) error {
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
