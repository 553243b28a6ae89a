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

// A change of address follows the OWASP Authentication Cheat Sheet ("Change a User's Registered
// Email Address"): it needs the password, the new address is used after it was confirmed, and the
// former one gets a mail with a link that undoes the change.

// mailVerifyLink writes a mail with a link that confirms the address of an account.
func (s *core) mailVerifyLink(ctx context.Context, q *db.Queries, user Actor) error {
	if !s.mailer.Enabled() {
		return nil
	}
	token, expires, err := s.newLinkOf(ctx, q, LinkVerify, user.ID, user.Email)
	if err != nil {
		return err
	}
	return s.mailer.Write(ctx, q, Mail{Topic: TopicVerify, UserID: user.ID, Email: user.Email, To: user.Email, Name: user.Username, Token: token, Expires: expires})
}

// AskToConfirm mails the actor a link that confirms their address, and returns the address. If no mail
// can be sent to it, it returns [*fault.Invalid], also if the address is confirmed; otherwise it mails
// nothing and returns "" for a confirmed address. Requests are limited ([*fault.Limited]).
func (s *Addresses) AskToConfirm(ctx context.Context, actor Actor) (mailed string, err error) {
	if err := s.checkReachable(actor.Email); err != nil {
		return "", err
	}
	if err := s.limiter.Allow(ctx, s.q, limit.OfUser("verify", actor.ID), s.limits.Register); err != nil {
		return "", err
	}
	err = s.ActAs(ctx, actor, func(q *db.Queries) error {
		a, err := q.GetAddress(ctx, actor.ID)
		if err != nil || a.Confirmed {
			return db.Found(err, "read address")
		}
		mailed = a.Email
		return s.mailVerifyLink(ctx, q, Actor{ID: actor.ID, Username: a.Username, Email: a.Email})
	})
	return mailed, err
}

// isFree returns [fault.ErrEmailTaken] if an address is that of another account than the user's, or
// was until its change, which the owner can still undo.
func (s *core) isFree(ctx context.Context, q *db.Queries, email string, user int64) error {
	other, err := userByEmail(ctx, q, email)
	switch {
	case err != nil:
		return err
	case other.ID != 0 && other.ID != user:
		return fault.ErrEmailTaken
	}
	return s.isNotReserved(ctx, q, email, user)
}

// isNotReserved returns [fault.ErrEmailTaken] if an address is the former one of another account than
// the user's, whose owner can still take it back.
func (s *core) isNotReserved(ctx context.Context, q *db.Queries, email string, user int64) error {
	reserved, err := q.IsAddressReserved(ctx, db.IsAddressReservedParams{Email: email, UserID: user, Now: s.Now()})
	switch {
	case err != nil:
		return fmt.Errorf("read former addresses: %w", err)
	case reserved:
		return fault.ErrEmailTaken
	}
	return nil
}

// askForAddress changes the name of a user, and mails a link to the address that they want. The
// present address gets a mail too. It can undo the change if it was ever confirmed: a mistyped one
// may belong to a stranger.
func (s *Addresses) askForAddress(ctx context.Context, q *db.Queries, actor Actor, in ProfileInput) error {
	if err := s.isFree(ctx, q, in.Email, actor.ID); err != nil {
		return err
	}
	now, err := q.GetAddress(ctx, actor.ID)
	if err != nil {
		return db.Found(err, "read address")
	}
	err = q.UpdateProfile(ctx, db.UpdateProfileParams{ID: actor.ID, Username: in.Username, Email: now.Email, EmailKey: input.EmailKey(now.Email), SameEmail: true})
	if err != nil {
		return err
	}
	token, expires, err := s.newLinkOf(ctx, q, LinkAddress, actor.ID, in.Email)
	if err != nil {
		return err
	}
	err = s.mailer.Write(ctx, q, Mail{Topic: TopicNewAddress, UserID: actor.ID, Email: now.Email, To: in.Email, Name: in.Username, Token: token, Expires: expires, Other: in.Email})
	if err != nil {
		return err
	}
	undo := Mail{Topic: TopicOldAddress, UserID: actor.ID, Email: now.Email, To: now.Email, Name: in.Username, Other: in.Email}
	if now.Confirmed {
		if undo.Token, undo.Expires, err = s.newLinkOf(ctx, q, LinkUndo, actor.ID, now.Email); err != nil {
			return err
		}
	}
	return s.mailer.Write(ctx, q, undo)
}

// Pending returns the address that the actor wants to have and has not confirmed yet, or "".
func (s *Addresses) Pending(ctx context.Context, actor Actor) (string, error) {
	email, err := s.q.PendingAddress(ctx, db.PendingAddressParams{UserID: actor.ID, Now: s.Now()})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("read a pending address: %w", err)
	}
	return email, nil
}

// Keep drops the address that the actor has asked for. Its link is not valid any more.
func (s *Addresses) Keep(ctx context.Context, actor Actor) error {
	return s.ActAs(ctx, actor, func(q *db.Queries) error {
		if err := q.RemoveAccountLinks(ctx, db.RemoveAccountLinksParams{UserID: actor.ID, Use: LinkAddress}); err != nil {
			return fmt.Errorf("drop a pending address: %w", err)
		}
		return nil
	})
}

// Link returns a link that confirms or restores an address. It changes nothing. It returns
// [fault.ErrNotFound] if the link is unknown, was used or replaced, or has expired, if its account
// is disabled, and for a new address also if the sessions were ended after it was made.
func (s *Addresses) Link(ctx context.Context, token string) (MailedLink, error) {
	l, err := s.addressLink(ctx, s.q, token)
	if err == nil && !isUsableForAddress(l) {
		err = fault.ErrNotFound
	}
	return MailedLink{Use: l.Use, Mail: l.Email, Name: l.Username, Now: l.UserEmail}, err
}

func (s *Addresses) addressLink(ctx context.Context, q *db.Queries, token string) (db.FindAccountLinkRow, error) {
	return s.findLink(ctx, q, token, LinkVerify, LinkAddress, LinkUndo)
}

// isUsableForAddress reports whether a link is valid. Confirming the same address twice is no error.
func isUsableForAddress(l db.FindAccountLinkRow) bool {
	switch l.Use {
	case LinkVerify:
		return l.Email == l.UserEmail
	case LinkAddress:
		return l.UsedAt == nil && l.SameVersion || l.UsedAt != nil && l.Email == l.UserEmail
	}
	return l.UsedAt == nil
}

// UseLink does what a link is for: it confirms the address of the account, replaces it by
// the new one, or restores the former one. After the last it returns the token of a link to choose
// a new password. For a link that is not valid it returns [fault.ErrNotFound] as
// [Addresses.Link] does, and [fault.ErrEmailTaken] if another account has the address
// meanwhile.
func (s *Addresses) UseLink(ctx context.Context, token string) (l MailedLink, password string, err error) {
	found, err := s.addressLink(ctx, s.q, token)
	if err != nil {
		return l, "", err
	}
	err = s.tx(ctx, func(q *db.Queries) error {
		if err := q.HoldRightAlone(ctx, found.UserID); err != nil {
			return fmt.Errorf("lock account: %w", err)
		}
		if found, err = s.addressLink(ctx, q, token); err != nil {
			return err
		}
		switch found.Use {
		case LinkVerify:
			return s.confirmAddress(ctx, q, found)
		case LinkAddress:
			return s.replaceAddress(ctx, q, found)
		}
		password, err = s.restoreAddress(ctx, q, found)
		return err
	})
	if db.Violates(err, "users_email_key") {
		err = fault.ErrEmailTaken
	}
	return MailedLink{Use: found.Use, Mail: found.Email, Name: found.Username, Now: found.Email}, password, err
}

func (s *Addresses) confirmAddress(ctx context.Context, q *db.Queries, l db.FindAccountLinkRow) error {
	n, err := q.ConfirmAddress(ctx, db.ConfirmAddressParams{ID: l.UserID, Email: l.Email, Now: s.Now()})
	switch {
	case err != nil:
		return fmt.Errorf("confirm an address: %w", err)
	case n == 0: // the account has another address now
		return fault.ErrNotFound
	}
	return nil
}

func (s *Addresses) replaceAddress(ctx context.Context, q *db.Queries, l db.FindAccountLinkRow) error {
	if !isUsableForAddress(l) {
		return fault.ErrNotFound
	}
	if l.UsedAt != nil { // the form has come twice
		return nil
	}
	if err := s.isFree(ctx, q, l.Email, l.UserID); err != nil {
		return err
	}
	if err := s.useLink(ctx, q, l.ID); err != nil {
		return err
	}
	return q.ReplaceAddress(ctx, db.ReplaceAddressParams{ID: l.UserID, Email: l.Email, EmailKey: input.EmailKey(l.Email), Now: s.Now()})
}

// restoreAddress gives an account its former address again, and ends its password, sessions, API
// tokens and other links. A form that has come twice gets another link for a password.
func (s *Addresses) restoreAddress(ctx context.Context, q *db.Queries, l db.FindAccountLinkRow) (password string, err error) {
	switch {
	case s.wasJustUsed(l) && l.PasswordHash == "" && l.Email == l.UserEmail:
	case l.UsedAt != nil:
		return "", fault.ErrNotFound
	default:
		if err := s.useLink(ctx, q, l.ID); err != nil {
			return "", err
		}
		if err := q.RemoveOtherAccountLinks(ctx, db.RemoveOtherAccountLinksParams{UserID: l.UserID, ID: l.ID}); err != nil {
			return "", fmt.Errorf("remove links: %w", err)
		}
		if err := q.RestoreAddress(ctx, db.RestoreAddressParams{ID: l.UserID, Email: l.Email, EmailKey: input.EmailKey(l.Email), Now: s.Now()}); err != nil {
			return "", err
		}
		if err := s.endTokens(ctx, q, l.UserID); err != nil {
			return "", err
		}
	}
	password, _, err = s.newLinkOf(ctx, q, LinkPassword, l.UserID, l.Email)
	return password, err
}
