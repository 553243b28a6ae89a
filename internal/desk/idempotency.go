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

// AnswerKept is how long the answer to a request with an Idempotency-Key is stored.
const AnswerKept = 24 * time.Hour

// Answer is the stored answer to a request with an Idempotency-Key.
type Answer struct {
	Status   int
	Body     []byte
	Location string // the address of the created resource, or ""
	Seal     []byte // the secret under which the answer is stored, see [Request]
}

// Request identifies the content of a request with an Idempotency-Key: Hash is its keyed
// hash, and Seal identifies the secret of that hash.
type Request struct{ Seal, Hash []byte }

// BeginAnswer takes the key for one request of the actor, who may be a visitor. It
// returns the lock on the key, under which the caller executes the request, or the stored
// answer if the same request was answered before. If the key was used for a request with
// another hash, it returns [fault.ErrKeyReused]; if that request has not finished, it
// returns [fault.ErrUnderWay]. The caller passes the request hashed under each of its
// secrets, the newest first. An answer stored under any other secret is discarded, and
// its key is free.
func (s *Requests) BeginAnswer(ctx context.Context, actor account.Actor, key string, requests []Request) (*KeyLock, *Answer, error) {
	now, holder := s.Now(), rand.Text()
	p := db.BeginAnswerParams{UserID: actor.ID, Key: key, Seal: requests[0].Seal, RequestHash: requests[0].Hash,
		Now: now, Expired: now.Add(-AnswerKept), Holder: holder, Hold: s.keyLockTime.Seconds()}
	for _, a := range requests {
		p.Seals = append(p.Seals, a.Seal)
	}
	_, err := s.q.BeginAnswer(ctx, p)
	if err == nil {
		return s.lockKey(ctx, actor, key, holder), nil, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return nil, nil, fmt.Errorf("take key: %w", err)
	}
	was, err := s.answered(ctx, actor, key, requests)
	return nil, was, err
}

// answered returns the stored answer to the same request. Its errors are those of
// [Requests.BeginAnswer], and [fault.ErrSignedOut] if the actor's right has ended.
func (s *Requests) answered(ctx context.Context, actor account.Actor, key string, requests []Request) (*Answer, error) {
	was, err := s.q.GetAnswer(ctx, db.GetAnswerParams{UserID: actor.ID, Key: key})
	if errors.Is(err, pgx.ErrNoRows) { // the other request dropped the key just now
		return nil, fault.ErrUnderWay
	}
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	of := slices.IndexFunc(requests, func(a Request) bool { return bytes.Equal(a.Seal, was.Seal) })
	switch {
	case of >= 0 && !hmac.Equal(was.RequestHash, requests[of].Hash):
		return nil, fault.ErrKeyReused
	case of < 0, was.Status == 0: // a row under an unknown secret belongs to a request that has not finished
		return nil, fault.ErrUnderWay
	}
	if actor.ID != 0 {
		if err := s.accounts.Sessions.StillSignedIn(ctx, actor); err != nil {
			return nil, err
		}
	}
	return &Answer{Status: int(was.Status), Body: was.Body, Location: was.Location, Seal: was.Seal}, nil
}

// ClaimStaged moves the files that are staged for one request from its own submission id
// to the idempotency key of the request, except those that are attached under that key
// already. Files that an earlier, failed attempt staged under the key are dropped first,
// because the request sends its files again. [Upkeep.Sweep] deletes their content.
func (s *Requests) ClaimStaged(ctx context.Context, actor account.Actor, from, key string) error {
	return s.act(ctx, actor, func(q *db.Queries) error {
		if err := q.LockForms(ctx, actor.ID); err != nil {
			return fmt.Errorf("lock forms: %w", err)
		}
		if err := q.DropWaitingFiles(ctx, db.DropWaitingFilesParams{UserID: actor.ID, SubmissionID: key}); err != nil {
			return fmt.Errorf("drop files of an earlier attempt: %w", err)
		}
		if err := q.MoveNewFiles(ctx, db.MoveNewFilesParams{UserID: actor.ID, OldID: from, NewID: key}); err != nil {
			return fmt.Errorf("claim files: %w", err)
		}
		return nil
	})
}
