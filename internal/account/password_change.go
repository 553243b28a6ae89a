package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/limit"
)

// Change changes the actor's password and ends all sessions, and the personal API
// tokens unless in.KeepTokens is set. It returns the new session version, with which the
// caller continues the current session, and mails the owner that the password was changed. A
// wrong current password is [*fault.Invalid], and too many attempts are [*fault.Limited].
func (s *Passwords) Change(ctx context.Context, actor Actor, in PasswordInput) (version int32, err error) {
	err = fault.Merge(input.Check(&in), checkPassword("password", in.Password, actor.Username, actor.Email, in.Current))
	if err != nil {
		return 0, err
	}
	confirmed, err := s.confirm(ctx, actor, in.Current)
	if err != nil {
		return 0, err
	}
	hash, err := s.cost.hash(ctx, in.Password)
	if err != nil {
		return 0, fmt.Errorf("hash password: %w", err)
	}
	err = s.actAlone(ctx, actor, func(q *db.Queries) (err error) {
		version, err = q.UpdatePassword(ctx, db.UpdatePasswordParams{ID: actor.ID, PasswordHash: hash, Confirmed: confirmed})
		if err != nil {
			return err
		}
		if err := s.mailPasswordChanged(ctx, q, actor); err != nil || in.KeepTokens {
			return err
		}
		return s.endTokens(ctx, q, actor.ID)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, errNotCurrent // the password was changed after confirm
	}
	return version, db.Found(err, "change password")
}

// confirm checks the actor's password and returns its hash. Attempts are limited as those
// to sign in, but have a count of their own, because other people can use up the limit of
// signing in to the account.
func (s *core) confirm(ctx context.Context, actor Actor, password string) (hash string, err error) {
	if err := s.limiter.Allow(ctx, s.q, limit.OfUser("confirm", actor.ID), s.limits.SignIn); err != nil {
		return "", err
	}
	user, err := s.q.GetUserByID(ctx, actor.ID)
	if err != nil {
		return "", db.Found(err, "read account")
	}
	ok, _, err := s.verify(ctx, user.PasswordHash, password)
	if err != nil {
		return "", fmt.Errorf("check password: %w", err)
	}
	if !ok {
		return "", errNotCurrent
	}
	return user.PasswordHash, nil
}

// errNotCurrent is returned if the current password is wrong.
var errNotCurrent = fault.NewInvalid("current", "That is not your current password. Type it again.")
