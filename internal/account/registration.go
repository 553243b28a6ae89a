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

// RegistrationTime is how long the mailed link of a registration is valid.
const RegistrationTime = 7 * 24 * time.Hour

// Registration is an account that is created when the link in a mail is used.
type Registration struct {
	Username, Email string
	Next            string // the page to show afterwards, or ""
}

// FinishInput is the form of the page of such a link. Password is the one that was chosen before: a
// link that was mailed to a stranger must not create an account whose password they do not know.
type FinishInput struct {
	Password string `form:"password" json:"password" validate:"required,max=1024,storable" keep:"space"`
}

// Register creates a customer's account, and mails a link to confirm its address. An address that has an account is both
// [*fault.Invalid] and [fault.ErrEmailTaken]. It returns [*fault.Limited] if there were
// too many registrations from the network address.
func (s *Registrations) Register(ctx context.Context, in RegisterInput, from netip.Addr) (SignedIn, error) {
	err := fault.Merge(input.Check(&in), checkPassword("password", in.Password, in.Username, in.Email))
	if err != nil {
		return SignedIn{}, err
	}
	if err := s.CountRegister(ctx, from); err != nil {
		return SignedIn{}, err
	}
	hash, err := s.cost.hash(ctx, in.Password)
	if err != nil {
		return SignedIn{}, fmt.Errorf("hash password: %w", err)
	}
	who := Actor{Username: in.Username, Email: in.Email, Role: RoleCustomer}
	err = s.tx(ctx, func(q *db.Queries) (err error) {
		if err := s.isFree(ctx, q, in.Email, 0); err != nil {
			return err
		}
		who.ID, err = q.CreateUser(ctx, db.CreateUserParams{Username: in.Username, Email: in.Email, EmailKey: input.EmailKey(in.Email), PasswordHash: hash, Role: RoleCustomer})
		if err != nil {
			return err
		}
		return s.mailVerifyLink(ctx, q, who)
	})
	if db.Violates(err, "users_email_key") || errors.Is(err, fault.ErrEmailTaken) {
		return SignedIn{}, errors.Join(fault.ErrEmailTaken, fault.NewInvalid("email", "This address already has an account: sign in, or use another address."))
	}
	if err != nil {
		return SignedIn{}, fmt.Errorf("create account: %w", err)
	}
	return SignedIn{who, 1}, nil
}

// CountRegister counts one registration, and returns [*fault.Limited] if there were too
// many. [Registrations.Register] calls it.
func (s *Registrations) CountRegister(ctx context.Context, from netip.Addr) error {
	return s.limiter.Allow(ctx, s.q, limit.OfNetwork("register", from), s.limits.Register)
}

// Ask mails a link that creates a customer's account. It does the same whether the address
// has an account or not; then its owner gets a mail that says so (OWASP Authentication Cheat Sheet,
// "Account creation"). Requests are limited by network address and by address ([*fault.Limited]).
func (s *Registrations) Ask(ctx context.Context, in RegisterInput, next string, from netip.Addr) error {
	err := fault.Merge(input.Check(&in), checkPassword("password", in.Password, in.Username, in.Email))
	if err == nil {
		err = s.checkReachable(in.Email)
	}
	if err != nil {
		return err
	}
	if err := s.CountRegister(ctx, from); err != nil {
		return err
	}
	if err := s.limiter.Allow(ctx, s.q, limit.OfEmail("register", in.Email), s.limits.Register); err != nil {
		return err
	}
	hash, err := s.cost.hash(ctx, in.Password)
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	return s.tx(ctx, func(q *db.Queries) error {
		switch err := s.isFree(ctx, q, in.Email, 0); {
		case errors.Is(err, fault.ErrEmailTaken):
			return s.mailOwner(ctx, q, in.Email)
		case err != nil:
			return err
		}
		return s.mailRegistration(ctx, q, in, hash, next)
	})
}

// mailOwner mails the owner of an address that they have an account already. It uses the stored address
// and not the typed one, which may only look the same.
func (s *Registrations) mailOwner(ctx context.Context, q *db.Queries, email string) error {
	user, err := userByEmail(ctx, q, email)
	if err != nil {
		return err
	}
	if user.ID == 0 { // the former address of an account, which its owner can still restore
		return s.mailer.Write(ctx, q, Mail{Topic: TopicTaken, To: email})
	}
	return s.mailer.Write(ctx, q, Mail{Topic: TopicTaken, UserID: user.ID, Email: user.Email, To: user.Email, Name: user.Username})
}

func (s *Registrations) mailRegistration(ctx context.Context, q *db.Queries, in RegisterInput, hash, next string) error {
	token, tokenHash := newToken()
	expires := s.Now().Add(RegistrationTime)
	err := q.AddRegistration(ctx, db.AddRegistrationParams{Username: in.Username, Email: in.Email, PasswordHash: hash, Next: next, TokenHash: tokenHash, Now: s.Now(), ExpiresAt: expires})
	if err != nil {
		return fmt.Errorf("store a registration: %w", err)
	}
	return s.mailer.Write(ctx, q, Mail{Topic: TopicRegister, To: in.Email, Name: in.Username, Token: token, Expires: expires})
}

// Get returns the registration with the token of a mailed link. It changes nothing. It
// returns [fault.ErrNotFound] if the link is unknown, was used, or has expired.
func (s *Registrations) Get(ctx context.Context, token string) (Registration, error) {
	r, err := s.registration(ctx, token)
	if err == nil && r.UsedAt != nil {
		err = fault.ErrNotFound
	}
	return Registration{r.Username, r.Email, r.Next}, err
}

func (s *Registrations) registration(ctx context.Context, token string) (db.FindRegistrationRow, error) {
	r, err := s.q.FindRegistration(ctx, db.FindRegistrationParams{TokenHash: hashBearer(token), Now: s.Now()})
	if errors.Is(err, pgx.ErrNoRows) {
		return r, fault.ErrNotFound
	}
	if err != nil {
		return r, fmt.Errorf("read a registration: %w", err)
	}
	return r, nil
}

// Finish creates the account of a registration, with a confirmed address. It returns
// [*fault.Invalid] for another password than the one of the registration, [fault.ErrNotFound] as
// [Registrations.Get] does, [fault.ErrEmailTaken] if the address has an account meanwhile, and
// [*fault.Limited] after too many attempts from the network address. A form that arrives twice within
// a minute succeeds twice.
func (s *Registrations) Finish(ctx context.Context, token string, in FinishInput, from netip.Addr) (SignedIn, error) {
	r, err := s.registration(ctx, token)
	if err != nil {
		return SignedIn{}, err
	}
	if err := input.Check(&in); err != nil {
		return SignedIn{}, err
	}
	if err := s.limiter.Allow(ctx, s.q, limit.OfNetwork("finish", from), s.limits.SignIn); err != nil {
		return SignedIn{}, err
	}
	ok, _, err := s.verify(ctx, r.PasswordHash, in.Password)
	switch {
	case err != nil:
		return SignedIn{}, fmt.Errorf("check password: %w", err)
	case !ok:
		return SignedIn{}, fault.NewInvalid("password", "This is not the password that you chose when you registered.")
	}
	who := Actor{ID: r.UserID, Username: r.Username, Email: r.Email, Role: RoleCustomer}
	if r.UsedAt != nil {
		if r.UserID == 0 || s.Now().Sub(*r.UsedAt) >= repeatTime {
			return SignedIn{}, fault.ErrNotFound
		}
		return SignedIn{who, 1}, nil
	}
	who.ID, err = s.createRegistered(ctx, r)
	return SignedIn{who, 1}, err
}

// createRegistered creates the account of a registration and returns its id.
func (s *Registrations) createRegistered(ctx context.Context, r db.FindRegistrationRow) (id int64, err error) {
	err = s.tx(ctx, func(q *db.Queries) error {
		n, err := q.UseRegistration(ctx, db.UseRegistrationParams{ID: r.ID, Now: s.Now()})
		switch {
		case err != nil:
			return fmt.Errorf("use a registration: %w", err)
		case n == 0:
			return fault.ErrNotFound
		}
		if err := s.isFree(ctx, q, r.Email, 0); err != nil {
			return err
		}
		id, err = q.CreateUser(ctx, db.CreateUserParams{Username: r.Username, Email: r.Email, EmailKey: input.EmailKey(r.Email), PasswordHash: r.PasswordHash, Role: RoleCustomer})
		if err != nil {
			return err
		}
		if _, err := q.ConfirmAddress(ctx, db.ConfirmAddressParams{ID: id, Email: r.Email, Now: s.Now()}); err != nil {
			return fmt.Errorf("confirm an address: %w", err)
		}
		return q.EndRegistrations(ctx, db.EndRegistrationsParams{ID: r.ID, Email: r.Email, UserID: id})
	})
	if db.Violates(err, "users_email_key") {
		err = fault.ErrEmailTaken
	}
	return id, err
}
