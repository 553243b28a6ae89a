// Package demo fills an empty desk with a demonstration.
package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/limit"
	"frontdesk/internal/mailout"
)

// ErrNotEmpty is returned if the desk has tickets.
var ErrNotEmpty = errors.New("this desk has tickets already; a demonstration needs an empty one")

// The number of tickets, and of the days before now in which they are opened.
const (
	demoTickets = 340
	demoDays    = 60
)

// SignIn has the e-mail addresses of one admin, one agent and one customer of the demonstration, and
// the password that all its accounts have.
type SignIn struct{ Staff, Agent, Customer, Password string }

// Seed fills an empty desk with the tickets of a bicycle shop in the sixty days before now.
// Users and stories are the same each time. It calls the methods of the desk with a clock of
// its own, so that logs, counters and waiting times are consistent. It returns [ErrNotEmpty]
// if the desk has tickets. It sends no mail, because the addresses are invented.
func Seed(ctx context.Context, pool *pgxpool.Pool, opts desk.Options) (_ SignIn, failed error) {
	q := db.New(pool)
	has, err := q.HasTickets(ctx)
	if err != nil {
		return SignIn{}, fmt.Errorf("look for tickets: %w", err)
	}
	if has {
		return SignIn{}, ErrNotEmpty
	}
	resume, err := withoutMail(ctx, q)
	if err != nil {
		return SignIn{}, err
	}
	defer func() { failed = errors.Join(failed, resume()) }()
	s := &demo{ctx: ctx, q: q, location: cmp.Or(opts.Location, time.UTC), files: opts.Blobs != nil, now: desk.New(pool, opts).Now(), rnd: rand.New(rand.NewPCG(2026, 11)), stories: loadStories()}
	opts.Now = func() time.Time { return s.clock }
	opts.Limits = limit.Limits{SignIn: limit.Defaults.SignIn} // the others zero: no limits
	s.desk = desk.New(pool, opts)
	password := account.NewPassword()
	if err := s.people(password); err != nil {
		return SignIn{}, fmt.Errorf("add the people: %w", err)
	}
	if err := s.addTeams(); err != nil {
		return SignIn{}, fmt.Errorf("add the teams: %w", err)
	}
	for i := range demoTickets {
		s.plan(i)
	}
	if err := s.play(); err != nil {
		return SignIn{}, fmt.Errorf("play the demonstration: %w", err)
	}
	return SignIn{Staff: s.staff[0].Email, Agent: s.staff[1].Email, Customer: s.customers[0].Email, Password: password}, nil
}

// withoutMail stops the queueing of events for mails until resume is called.
func withoutMail(ctx context.Context, q *db.Queries) (resume func() error, err error) {
	kinds, err := q.TakeConsumer(ctx, mailout.ConsumerName)
	if err = db.Found(err, "remove the consumer of mail"); errors.Is(err, fault.ErrNotFound) {
		return func() error { return nil }, nil
	}
	if err != nil {
		return nil, err
	}
	return func() error {
		err := q.RegisterConsumer(context.WithoutCancel(ctx), db.RegisterConsumerParams{Name: mailout.ConsumerName, Kinds: kinds})
		if err != nil {
			return fmt.Errorf("register the consumer of mail again: %w", err)
		}
		return nil
	}, nil
}

// demo has the state of a demonstration while it is being created.
type demo struct {
	desk             *desk.Desk
	q                *db.Queries
	location         *time.Location
	files            bool // whether the desk has a store of attachments
	ctx              context.Context
	rnd              *rand.Rand
	now, clock       time.Time // the current time, and the time of the desk's clock
	staff, customers []account.Actor
	teams            []int64 // their ids, in the order of the variable teams
	stories          []story
	acts             []act
}

// act is an action at a time.
type act struct {
	at time.Time
	do func() error
}

// play runs the acts up to now, in order of time.
func (s *demo) play() error {
	slices.SortStableFunc(s.acts, func(a, b act) int { return a.at.Compare(b.at) })
	for _, a := range s.acts {
		if a.at.After(s.now) {
			break
		}
		s.clock = a.at.UTC()
		if err := a.do(); err != nil {
			return err
		}
	}
	return nil
}

// people creates the accounts.
func (s *demo) people(password string) error {
	hash := account.HashPassword(password)
	for i, p := range people {
		id, err := s.q.CreateUser(s.ctx, db.CreateUserParams{Username: p.name, Email: p.email, PasswordHash: hash, Role: p.role})
		if db.Violates(err, "users_email_key") {
			return fmt.Errorf("there is an account with the address %s already", p.email)
		}
		if err != nil {
			return err
		}
		actor := account.Actor{ID: id, Username: p.name, Email: p.email, Role: p.role}
		if account.IsStaff(p.role) {
			s.staff = append(s.staff, actor)
		} else {
			s.customers = append(s.customers, actor)
		}
		seen := s.now.Add(-time.Duration(s.rnd.ExpFloat64() * float64(4*24*time.Hour)))
		if account.IsStaff(p.role) {
			seen = s.now.Add(-time.Duration(i*17) * time.Minute)
		}
		since := s.now.AddDate(0, 0, -demoDays-40+i)
		if err := s.q.BackdateAccount(s.ctx, db.BackdateAccountParams{ID: id, CreatedAt: since, SeenAt: &seen}); err != nil {
			return err
		}
	}
	return nil
}

// between returns a random duration from a to b. Short ones are more frequent.
func (s *demo) between(a, b time.Duration) time.Duration {
	x := s.rnd.Float64()
	return a + time.Duration(float64(b-a)*x*x)
}

// opening returns a random time at which a ticket is opened. Working days are more frequent
// than weekends, mornings and evenings more than midday, and nights are rare.
func (s *demo) opening() time.Time {
	for {
		ago := math.Pow(s.rnd.Float64(), 1.4) // recent days have more tickets
		t := s.now.Add(-time.Duration(ago * float64(demoDays*24*time.Hour))).In(s.location)
		weight := hours[t.Hour()] * week[t.Weekday()]
		if s.rnd.Float64() < weight {
			return t
		}
	}
}

// The relative frequency of new tickets in each hour and on each day of the week, Sunday
// first.
var (
	hours = [24]float64{.04, .02, .01, .01, .01, .03, .15, .4, .75, 1, 1, .85, .6, .55, .6, .65, .65, .6, .6, .75, .85, .7, .4, .15}
	week  = [7]float64{.25, 1, .85, .8, .8, .7, .35}
)

// atWork returns the first time from t on at which the shop is open: Monday to Friday from
// 8 to 18 o'clock, Saturday from 8 to 13 o'clock.
func (s *demo) atWork(t time.Time) time.Time {
	t = t.In(s.location)
	for {
		closes := 18
		if t.Weekday() == time.Saturday {
			closes = 13
		}
		switch {
		case t.Weekday() != time.Sunday && t.Hour() >= 8 && t.Hour() < closes:
			return t
		case t.Weekday() != time.Sunday && t.Hour() < 8:
			return time.Date(t.Year(), t.Month(), t.Day(), 8, t.Minute(), t.Second(), 0, t.Location())
		}
		t = time.Date(t.Year(), t.Month(), t.Day()+1, 0, t.Minute(), t.Second(), 0, t.Location())
	}
}
