// Package settings stores the settings of the desk, which its admins change on a page, and
// keeps them in the memory of each replica.
package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// Values are the settings of the desk. A field declares everything about a setting:
// its name in forms, in the API and in the database (json), its default, the values that are
// allowed, and the texts of the page (label, doc). Fields are Booleans or whole numbers.
type Values struct {
	FirstReplyAssigns   bool `form:"first_reply_assigns" json:"firstReplyAssigns" default:"true" label:"The first reply assigns" doc:"A ticket without an assignee is assigned to the member of staff who answers it first."`
	AutomaticAssignment bool `form:"automatic_assignment" json:"automaticAssignment" default:"false" label:"Automatic assignment" doc:"Unassigned tickets of a team are assigned to its members in turn, those that wait longest first. Members who are away get none."`
	OpenTicketsPerAgent int  `form:"open_tickets_per_agent" json:"openTicketsPerAgent" default:"20" validate:"min=1,max=1000" label:"Unresolved tickets per agent" doc:"Automatic assignment gives no further ticket to a member who has this many unresolved ones."`
	InvitationDays      int  `form:"invitation_days" json:"invitationDays" default:"7" validate:"min=1,max=90" label:"Days an invitation is valid" doc:"After that many days an invitation of staff cannot be accepted any more."`
}

// InvitationTime returns how long a new link of an invitation is valid.
func (v Values) InvitationTime() time.Duration {
	return time.Duration(v.InvitationDays) * 24 * time.Hour
}

// Saved are settings with the version that a change of them must name.
type Saved struct {
	Values
	Version   int
	ChangedAt *time.Time // nil if they were never changed
	ChangedBy string
}

// Stale is returned if the settings have changed since the form was loaded.
type Stale struct{ Current Saved }

// Error implements error.
func (e *Stale) Error() string {
	return fmt.Sprintf("the settings have changed since, to version %d", e.Current.Version)
}

// readEvery is how often [Service.Run] reads the settings. It is a fallback for a lost
// NOTIFY.
const readEvery = 5 * time.Second

// Service reads and changes the settings of the desk. It is safe for concurrent use.
type Service struct {
	q        *db.Queries
	accounts *account.Service
	now      func() time.Time
	log      *slog.Logger // of failures of [Service.Run]
	current  atomic.Pointer[Saved]
	changed  chan struct{} // see [Service.Wake]
}

// New returns a service whose current settings are the defaults, until they are read.
func New(q *db.Queries, accounts *account.Service, now func() time.Time, log *slog.Logger) *Service {
	s := &Service{q: q, accounts: accounts, now: now, log: log, changed: make(chan struct{}, 1)}
	s.current.Store(&Saved{Values: Defaults()})
	return s
}

// Current returns the settings from memory. They are those that [Service.Run] has read, or
// the defaults if it has not run.
func (s *Service) Current() Values { return s.current.Load().Values }

// Run keeps [Service.Current] up to date until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(readEvery)
	defer tick.Stop()
	for {
		if err := s.Load(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("settings not read", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.changed:
		case <-tick.C:
		}
	}
}

// Wake makes [Service.Run] read the settings, because a replica has changed them.
func (s *Service) Wake() {
	select {
	case s.changed <- struct{}{}:
	default: // it is about to read them
	}
}

// Load reads the settings into memory.
func (s *Service) Load(ctx context.Context) error {
	_, err := s.read(ctx, s.q)
	return err
}

// Get returns the settings as they are in the database. It returns [fault.ErrForbidden]
// without [account.ManageSettings].
func (s *Service) Get(ctx context.Context, actor account.Actor) (Saved, error) {
	if !actor.Can(account.ManageSettings) {
		return Saved{}, fault.ErrForbidden
	}
	return s.read(ctx, s.q)
}

// read reads the settings, also into memory.
func (s *Service) read(ctx context.Context, q *db.Queries) (Saved, error) {
	row, err := q.GetSettings(ctx)
	if err != nil {
		return Saved{}, fmt.Errorf("read settings: %w", err)
	}
	values := Defaults()
	if err := json.Unmarshal(row.Values, &values); err != nil {
		return Saved{}, fmt.Errorf("decode settings: %w", err)
	}
	read := Saved{Values: values, Version: int(row.Version), ChangedAt: row.ChangedAt, ChangedBy: row.ChangedBy}
	s.keep(read)
	return read, nil
}

// keep stores settings in memory, unless newer ones are there.
func (s *Service) keep(read Saved) {
	for {
		old := s.current.Load()
		if read.Version < old.Version || s.current.CompareAndSwap(old, &read) {
			return
		}
	}
}

// Save changes the settings and returns them. Their version stays if no value changes. It returns [*Stale] if version is
// neither 0 nor that of the settings, and [fault.ErrForbidden] without
// [account.ManageSettings].
func (s *Service) Save(ctx context.Context, actor account.Actor, values Values, version int) (Saved, error) {
	if !actor.Can(account.ManageSettings) {
		return Saved{}, fault.ErrForbidden
	}
	if err := input.Check(&values); err != nil {
		return Saved{}, err
	}
	encoded, err := json.Marshal(values)
	if err != nil {
		return Saved{}, fmt.Errorf("encode settings: %w", err)
	}
	err = s.accounts.ActAs(ctx, actor, func(q *db.Queries) error {
		current, err := s.read(ctx, q)
		switch {
		case err != nil:
			return err
		case version != 0 && version != current.Version:
			return &Stale{current}
		case values == current.Values:
			return nil
		}
		_, err = q.SaveSettings(ctx, db.SaveSettingsParams{Values: encoded, Version: int32(current.Version), Now: s.now(), ChangedBy: actor.ID})
		if errors.Is(err, pgx.ErrNoRows) { // another user saved them after they were read
			return s.stale(ctx, q)
		}
		if err != nil {
			return fmt.Errorf("save settings: %w", err)
		}
		return nil
	})
	if err != nil {
		return Saved{}, err
	}
	return s.read(ctx, s.q)
}

// stale returns [*Stale] with the settings as they are now.
func (s *Service) stale(ctx context.Context, q *db.Queries) error {
	current, err := s.read(ctx, q)
	if err != nil {
		return err
	}
	return &Stale{current}
}
