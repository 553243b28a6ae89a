package account

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/limit"
)

// ForgottenInput is the form with which a visitor asks for a link to choose a new password.
type ForgottenInput struct {
	Email string `form:"email" json:"email" validate:"required,max=254,line,email,address"`
}

// NewPasswordInput is the form of the page of such a link.
type NewPasswordInput struct {
	Password string `form:"password" json:"password" rules:"required,min=12,max=128,storable" keep:"space"`
}

const (
	requestsAtOnce = 50              // password requests for each transaction
	requestsEvery  = 5 * time.Second // how often requests are looked for that another process has left
)

// Ask stores a request for a link to choose a new password. It does the same whether
// the address has an account or not; [Passwords.HandleRequests] finds that out after the
// answer, so that neither the answer nor its time reveals it (OWASP Forgot Password Cheat Sheet).
// Requests are limited by network address and by address ([*fault.Limited]): each may write a mail.
func (s *Passwords) Ask(ctx context.Context, in ForgottenInput, from netip.Addr) error {
	if err := input.Check(&in); err != nil {
		return err
	}
	if err := s.limiter.Allow(ctx, s.q, limit.OfNetwork("password", from), s.limits.Register); err != nil {
		return err
	}
	if err := s.limiter.Allow(ctx, s.q, limit.OfEmail("password", in.Email), s.limits.Register); err != nil {
		return err
	}
	if err := s.q.AddPasswordRequest(ctx, db.AddPasswordRequestParams{Email: in.Email, Now: s.Now()}); err != nil {
		return fmt.Errorf("store a request for a password: %w", err)
	}
	select {
	case s.asked <- struct{}{}:
	default: // a run is pending already
	}
	return nil
}

// Run handles requests for passwords until ctx ends. It reports its failures to failed.
func (s *Passwords) Run(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(requestsEvery)
	defer tick.Stop()
	for {
		if err := s.HandleRequests(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.asked:
		case <-tick.C:
		}
	}
}

// HandleRequests writes the mails for the requests that are stored. Requests for an
// address without an account, for that of a disabled one, or from long ago are dropped.
func (s *Passwords) HandleRequests(ctx context.Context) error {
	for {
		n := 0
		err := s.tx(ctx, func(q *db.Queries) error {
			asked, err := q.TakePasswordRequests(ctx, requestsAtOnce)
			if err != nil {
				return fmt.Errorf("read requests for passwords: %w", err)
			}
			n = len(asked)
			for _, r := range asked {
				if s.Now().Sub(r.CreatedAt) > PasswordLinkTime {
					continue
				}
				if err := s.mailPasswordLink(ctx, q, r.Email); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n < requestsAtOnce {
			return err
		}
	}
}

// mailPasswordLink writes a mail with a new link, if the address has an account. The mail goes to
// the stored address and not to the one that was typed, which may only look the same.
func (s *Passwords) mailPasswordLink(ctx context.Context, q *db.Queries, email string) error {
	user, err := userByEmail(ctx, q, email)
	if err != nil || user.ID == 0 || user.DisabledAt != nil || !s.mailer.Enabled() {
		return err
	}
	token, expires, err := s.newLinkOf(ctx, q, LinkPassword, user.ID, user.Email)
	if err != nil {
		return err
	}
	return s.mailer.Write(ctx, q, Mail{Topic: TopicPassword, UserID: user.ID, Email: user.Email, To: user.Email, Name: user.Username, Token: token, Expires: expires})
}

// Link returns a link to choose a new password. It changes nothing. It returns
// [fault.ErrNotFound] if the link is unknown, was used or replaced, or has expired, and if the
// account was disabled, or its password, role or address changed, after it was made.
func (s *Passwords) Link(ctx context.Context, token string) (MailedLink, error) {
	l, err := s.findLink(ctx, s.q, token, LinkPassword)
	if err != nil {
		return MailedLink{}, err
	}
	if !isUsableForPassword(l) {
		return MailedLink{}, fault.ErrNotFound
	}
	return MailedLink{Use: l.Use, Mail: l.Email, Name: l.Username, Now: l.UserEmail}, nil
}

func isUsableForPassword(l db.FindAccountLinkRow) bool {
	return l.UsedAt == nil && l.SameVersion && l.Email == l.UserEmail
}

// Set sets the password with a mailed link, ends all sessions and API tokens as
// [Passwords.Change] does, and mails the owner that it was changed (ASVS 5.0, 6.3.7). It
// returns the user, whose address is then confirmed, for a new session. The OWASP Forgot Password
// Cheat Sheet advises against a session at this point where sign-in asks for more than the
// password; here it asks for the password alone.
//
// For a link that is not valid it returns [fault.ErrNotFound], as [Passwords.Link] does. A
// form that arrives twice within a minute, with the same password, succeeds twice. Attempts with
// a link are limited by network address ([*fault.Limited]), because each computes a hash; its token
// cannot be guessed.
func (s *Passwords) Set(ctx context.Context, token string, in NewPasswordInput, from netip.Addr) (SignedIn, error) {
	l, err := s.findLink(ctx, s.q, token, LinkPassword)
	if err != nil {
		return SignedIn{}, err
	}
	if err := s.limiter.Allow(ctx, s.q, limit.OfNetwork("reset", from), s.limits.SignIn); err != nil {
		return SignedIn{}, err
	}
	if s.wasJustUsed(l) {
		return s.repeatPassword(ctx, l, in.Password)
	}
	if !isUsableForPassword(l) {
		return SignedIn{}, fault.ErrNotFound
	}
	if err := fault.Merge(input.Check(&in), checkPassword("password", in.Password, l.Username, l.Email)); err != nil {
		return SignedIn{}, err
	}
	hash, err := s.cost.hash(ctx, in.Password)
	if err != nil {
		return SignedIn{}, fmt.Errorf("hash password: %w", err)
	}
	who, err := s.choosePassword(ctx, token, l.UserID, hash)
	if errors.Is(err, fault.ErrNotFound) { // perhaps the same form was faster
		if l, again := s.findLink(ctx, s.q, token, LinkPassword); again == nil && s.wasJustUsed(l) {
			return s.repeatPassword(ctx, l, in.Password)
		}
	}
	return who, err
}

// choosePassword sets the hash of a new password and uses the link up.
func (s *Passwords) choosePassword(ctx context.Context, token string, user int64, hash string) (who SignedIn, err error) {
	err = s.tx(ctx, func(q *db.Queries) error {
		if err := q.HoldRightAlone(ctx, user); err != nil {
			return fmt.Errorf("lock account: %w", err)
		}
		l, err := s.findLink(ctx, q, token, LinkPassword)
		if err != nil {
			return err
		}
		if !isUsableForPassword(l) {
			return fault.ErrNotFound
		}
		if err := s.useLink(ctx, q, l.ID); err != nil {
			return err
		}
		version, err := q.ChooseNewPassword(ctx, db.ChooseNewPasswordParams{ID: user, PasswordHash: hash, Version: l.SessionVer, Now: s.Now()})
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("set password: %w", err)
		}
		who = SignedIn{holderOf(l), version}
		if err := s.endTokens(ctx, q, user); err != nil {
			return err
		}
		return s.mailPasswordChanged(ctx, q, who.Actor)
	})
	return who, err
}

// repeatPassword returns the user of a link that was just used, if the password is the one that
// was chosen with it.
func (s *Passwords) repeatPassword(ctx context.Context, l db.FindAccountLinkRow, password string) (SignedIn, error) {
	ok, _, err := s.verify(ctx, l.PasswordHash, password)
	switch {
	case err != nil:
		return SignedIn{}, fmt.Errorf("check password: %w", err)
	case !ok:
		return SignedIn{}, fault.ErrNotFound
	}
	return SignedIn{holderOf(l), l.SessionVer}, nil
}

// mailPasswordChanged writes a mail that the password of an account was changed, so that its owner
// notices a change by another person.
func (s *Passwords) mailPasswordChanged(ctx context.Context, q *db.Queries, user Actor) error {
	return s.mailer.Write(ctx, q, Mail{Topic: TopicPasswordChanged, UserID: user.ID, Email: user.Email, To: user.Email, Name: user.Username})
}
