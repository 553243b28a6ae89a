package account

import (
	"context"
	"encoding/json"
	"fmt"

	"frontdesk/db"
)

// MailPreferences are the events of which a user wants mails. A field of the embedded structs declares
// its name in forms and in the database, and the texts of the page.
type MailPreferences struct {
	OwnTicketMails
	StaffMails
}

// OwnTicketMails are the events on tickets of the user.
type OwnTicketMails struct {
	Answer bool `form:"answer" json:"answer" label:"An answer on one of my tickets"`
	Status bool `form:"status" json:"status" label:"One of my tickets is resolved or reopened"`
}

// StaffMails are the events that concern staff.
type StaffMails struct {
	Assigned  bool `form:"assigned" json:"assigned" label:"A ticket is assigned to me"`
	Mentioned bool `form:"mentioned" json:"mentioned" label:"A note mentions me"`
	Answered  bool `form:"answered" json:"answered" label:"A customer answers on a ticket that I work on or follow"`
	Opened    bool `form:"opened" json:"opened" label:"A new ticket of one of my teams, or of none"`
}

// PagePreferences are the events of which a user wants notifications on the pages of the desk.
type PagePreferences struct {
	OwnTicketNotifications
	StaffNotifications
}

// OwnTicketNotifications are the events on tickets of the user.
type OwnTicketNotifications struct {
	Answer bool `form:"page_answer" json:"answer" label:"An answer on one of my tickets"`
	Status bool `form:"page_status" json:"status" label:"The status of one of my tickets"`
}

// StaffNotifications are the events that concern staff.
type StaffNotifications struct {
	Assigned  bool `form:"page_assigned" json:"assigned" label:"A ticket is assigned to me"`
	Mentioned bool `form:"page_mentioned" json:"mentioned" label:"A note mentions me"`
	Answered  bool `form:"page_answered" json:"answered" label:"A customer answers on a ticket that I work on or follow, or that nobody works on"`
	Opened    bool `form:"page_opened" json:"opened" label:"A new ticket"`
}

// Preferences are those of a user, by channel. A channel that is nil is not changed by
// [Service.SavePreferences].
type Preferences struct {
	Mail *MailPreferences // nil on a desk without mail
	Page *PagePreferences
}

// DefaultMailPreferences are those of a user who has changed none. The function wants_mail of the
// database has the same defaults.
var DefaultMailPreferences = MailPreferences{
	OwnTicketMails{Answer: true, Status: true},
	StaffMails{Assigned: true, Mentioned: true, Answered: true},
}

// DefaultPagePreferences are those of a user who has changed none. The function wants_notification of
// the database has the same defaults.
var DefaultPagePreferences = PagePreferences{
	OwnTicketNotifications{Answer: true, Status: true},
	StaffNotifications{Assigned: true, Mentioned: true, Answered: true, Opened: true},
}

// decoded returns stored preferences, with defaults for those that the user has not changed.
func decoded[P any](stored []byte, defaults P) P {
	p := defaults
	if json.Unmarshal(stored, &p) != nil {
		return defaults
	}
	return p
}

// StoredMailPreferences returns the preferences that the column mail_prefs of a user has.
func StoredMailPreferences(stored []byte) MailPreferences {
	return decoded(stored, DefaultMailPreferences)
}

// Preferences returns the preferences of the actor.
func (s *Service) Preferences(ctx context.Context, actor Actor) (Preferences, error) {
	p, err := readPreferences(ctx, s.q, actor)
	if !s.mailer.Enabled() {
		p.Mail = nil
	}
	return p, err
}

func readPreferences(ctx context.Context, q *db.Queries, actor Actor) (Preferences, error) {
	row, err := q.GetPreferences(ctx, actor.ID)
	if err != nil {
		return Preferences{}, db.Found(err, "read preferences")
	}
	mail, page := StoredMailPreferences(row.MailPrefs), decoded(row.PagePrefs, DefaultPagePreferences)
	return Preferences{&mail, &page}, nil
}

// SavePreferences stores the preferences of the actor. Those of staff change only with
// [WorkAsStaff].
func (s *Service) SavePreferences(ctx context.Context, actor Actor, p Preferences) error {
	return s.ActAs(ctx, actor, func(q *db.Queries) error {
		if !actor.Can(WorkAsStaff) {
			was, err := readPreferences(ctx, q, actor)
			if err != nil {
				return err
			}
			p = was.withOwn(p)
		}
		mail, err := encoded(p.Mail)
		if err != nil {
			return err
		}
		page, err := encoded(p.Page)
		if err != nil {
			return err
		}
		return setPreferences(ctx, q, actor.ID, mail, page)
	})
}

// withOwn returns p with the preferences about own tickets of another one, for the channels that the
// other one has.
func (p Preferences) withOwn(other Preferences) Preferences {
	if other.Mail == nil {
		p.Mail = nil
	} else {
		p.Mail.OwnTicketMails = other.Mail.OwnTicketMails
	}
	if other.Page == nil {
		p.Page = nil
	} else {
		p.Page.OwnTicketNotifications = other.Page.OwnTicketNotifications
	}
	return p
}

// encoded returns the preferences of a channel for the database; nil if they do not change.
func encoded[P any](p *P) ([]byte, error) {
	if p == nil {
		return nil, nil
	}
	out, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encode preferences: %w", err)
	}
	return out, nil
}

// EndMailsOfStaff switches off the mails to a user about events that concern staff.
func EndMailsOfStaff(ctx context.Context, q *db.Queries, userID int64) error {
	none, err := encoded(&StaffMails{})
	if err != nil {
		return err
	}
	return setPreferences(ctx, q, userID, none, nil)
}

// setPreferences changes the preferences that mail and page have; nil changes none.
func setPreferences(ctx context.Context, q *db.Queries, userID int64, mail, page []byte) error {
	none := []byte("{}")
	if mail == nil {
		mail = none
	}
	if page == nil {
		page = none
	}
	if err := q.SetPreferences(ctx, db.SetPreferencesParams{ID: userID, Mail: mail, Page: page}); err != nil {
		return fmt.Errorf("save preferences: %w", err)
	}
	return nil
}
