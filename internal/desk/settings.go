package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// SettingValues are the settings of the desk. A field declares everything about a setting:
// its name in forms, in the API and in the database (json), its default, the values that are
// allowed, and the texts of the page (label, doc). Fields are Booleans or whole numbers.
type SettingValues struct {
	FirstReplyAssigns   bool `form:"first_reply_assigns" json:"firstReplyAssigns" default:"true" label:"The first reply assigns" doc:"A ticket without an assignee is assigned to the member of staff who answers it first."`
	AutomaticAssignment bool `form:"automatic_assignment" json:"automaticAssignment" default:"false" label:"Automatic assignment" doc:"Unassigned tickets of a team are assigned to its members in turn, those that wait longest first. Members who are away get none."`
	OpenTicketsPerAgent int  `form:"open_tickets_per_agent" json:"openTicketsPerAgent" default:"20" validate:"min=1,max=1000" label:"Open tickets per agent" doc:"Automatic assignment gives no further ticket to a member who has this many open ones."`
	InvitationDays      int  `form:"invitation_days" json:"invitationDays" default:"7" validate:"min=1,max=90" label:"Days an invitation is valid" doc:"After that many days an invitation of staff cannot be accepted any more."`
}

// SavedSettings are settings with the version that a change of them must name.
type SavedSettings struct {
	SettingValues
	Version   int
	ChangedAt *time.Time // nil if they were never changed
	ChangedBy string
}

// StaleSettings is returned if the settings have changed since the form was loaded.
type StaleSettings struct{ Current SavedSettings }

// Error implements error.
func (e *StaleSettings) Error() string {
	return fmt.Sprintf("the settings have changed since, to version %d", e.Current.Version)
}

// settingsEvery is how often [Settings.Run] reads the settings. It is a fallback for a lost
// NOTIFY.
const settingsEvery = 5 * time.Second

// Settings reads and changes the settings of the desk.
type Settings struct {
	*core
	current atomic.Pointer[SavedSettings]
	changed chan struct{} // see [Settings.Wake]
}

func newSettings(c *core) *Settings {
	s := &Settings{core: c, changed: make(chan struct{}, 1)}
	s.current.Store(&SavedSettings{SettingValues: DefaultSettings()})
	return s
}

// Current returns the settings from memory. They are those that [Settings.Run] has read, or
// the defaults if it has not run.
func (s *Settings) Current() SettingValues { return s.current.Load().SettingValues }

// Run keeps [Settings.Current] up to date until ctx ends.
func (s *Settings) Run(ctx context.Context) {
	tick := time.NewTicker(settingsEvery)
	defer tick.Stop()
	for {
		if err := s.Load(ctx); err != nil && ctx.Err() == nil {
			s.opts.Log.Warn("settings not read", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.changed:
		case <-tick.C:
		}
	}
}

// Wake makes [Settings.Run] read the settings, because a replica has changed them.
func (s *Settings) Wake() {
	select {
	case s.changed <- struct{}{}:
	default: // it is about to read them
	}
}

// Load reads the settings into memory.
func (s *Settings) Load(ctx context.Context) error {
	_, err := s.read(ctx, s.q)
	return err
}

// Get returns the settings as they are in the database. It returns [fault.ErrForbidden]
// without [account.ManageSettings].
func (s *Settings) Get(ctx context.Context, actor account.Actor) (SavedSettings, error) {
	if !actor.Can(account.ManageSettings) {
		return SavedSettings{}, fault.ErrForbidden
	}
	return s.read(ctx, s.q)
}

// read reads the settings, also into memory.
func (s *Settings) read(ctx context.Context, q *db.Queries) (SavedSettings, error) {
	row, err := q.GetSettings(ctx)
	if err != nil {
		return SavedSettings{}, fmt.Errorf("read settings: %w", err)
	}
	values := DefaultSettings()
	if err := json.Unmarshal(row.Values, &values); err != nil {
		return SavedSettings{}, fmt.Errorf("decode settings: %w", err)
	}
	read := SavedSettings{SettingValues: values, Version: int(row.Version), ChangedAt: row.ChangedAt, ChangedBy: row.ChangedBy}
	s.keep(read)
	return read, nil
}

// keep stores settings in memory, unless newer ones are there.
func (s *Settings) keep(read SavedSettings) {
	for {
		old := s.current.Load()
		if read.Version < old.Version || s.current.CompareAndSwap(old, &read) {
			return
		}
	}
}

// Save changes the settings and returns them. It returns [*StaleSettings] if version is
// neither 0 nor that of the settings, and [fault.ErrForbidden] without
// [account.ManageSettings].
func (s *Settings) Save(ctx context.Context, actor account.Actor, values SettingValues, version int) (SavedSettings, error) {
	if !actor.Can(account.ManageSettings) {
		return SavedSettings{}, fault.ErrForbidden
	}
	if err := input.Check(&values); err != nil {
		return SavedSettings{}, err
	}
	encoded, err := json.Marshal(values)
	if err != nil {
		return SavedSettings{}, fmt.Errorf("encode settings: %w", err)
	}
	err = s.act(ctx, actor, func(q *db.Queries) error {
		current, err := s.read(ctx, q)
		switch {
		case err != nil:
			return err
		case version != 0 && version != current.Version:
			return &StaleSettings{current}
		}
		_, err = q.SaveSettings(ctx, db.SaveSettingsParams{Values: encoded, Version: int32(current.Version), Now: s.Now(), ChangedBy: actor.ID})
		if errors.Is(err, pgx.ErrNoRows) { // another admin saved them after they were read
			return s.stale(ctx, q)
		}
		if err != nil {
			return fmt.Errorf("save settings: %w", err)
		}
		return nil
	})
	if err != nil {
		return SavedSettings{}, err
	}
	return s.read(ctx, s.q)
}

// stale returns [*StaleSettings] with the settings as they are now.
func (s *Settings) stale(ctx context.Context, q *db.Queries) error {
	current, err := s.read(ctx, q)
	if err != nil {
		return err
	}
	return &StaleSettings{current}
}
