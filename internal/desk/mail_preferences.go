package desk

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// MailPreferences are the events of which a user wants mails. A field declares its name in forms and
// in the database, and the texts of the page.
type MailPreferences struct {
	Answer bool `form:"answer" json:"answer" label:"An answer on one of my tickets"`
	Status bool `form:"status" json:"status" label:"One of my tickets is resolved or reopened"`

	// Of staff.
	Assigned  bool `form:"assigned" json:"assigned" label:"A ticket is assigned to me"`
	Mentioned bool `form:"mentioned" json:"mentioned" label:"A note mentions me"`
	Answered  bool `form:"answered" json:"answered" label:"A customer answers on a ticket that I work on or follow"`
	Opened    bool `form:"opened" json:"opened" label:"A new ticket of one of my teams, or of none"`
}

// DefaultMailPreferences are those of a user who has changed none. The queries AddWaitingNotices and
// TakeNotices have the same defaults.
var DefaultMailPreferences = MailPreferences{Answer: true, Status: true, Assigned: true, Mentioned: true, Answered: true}

// preferences returns stored preferences, with defaults for those that the user has not changed.
func preferences(stored []byte) MailPreferences {
	p := DefaultMailPreferences
	if json.Unmarshal(stored, &p) != nil {
		return DefaultMailPreferences
	}
	return p
}

// Preferences returns the mail preferences of the actor.
func (m *Mail) Preferences(ctx context.Context, actor account.Actor) (MailPreferences, error) {
	stored, err := m.q.GetMailPreferences(ctx, actor.ID)
	if err != nil {
		return MailPreferences{}, db.Found(err, "read mail preferences")
	}
	return preferences(stored), nil
}

// ReachesRequester reports whether the requester of a ticket gets answers by mail, too.
func (m *Mail) ReachesRequester(ctx context.Context, t Ticket) (bool, error) {
	if !m.Enabled() {
		return false, nil
	}
	wants, err := m.q.WantsAnswers(ctx, t.RequesterID)
	if err != nil {
		return false, db.Found(err, "read the mail preferences of a requester")
	}
	return wants, nil
}

// SavePreferences stores the mail preferences of the actor. Those of staff change only with
// [account.WorkAsStaff].
func (m *Mail) SavePreferences(ctx context.Context, actor account.Actor, p MailPreferences) error {
	return m.act(ctx, actor, func(q *db.Queries) error {
		if !actor.Can(account.WorkAsStaff) {
			stored, err := q.GetMailPreferences(ctx, actor.ID)
			if err != nil {
				return db.Found(err, "read mail preferences")
			}
			was := preferences(stored)
			was.Answer, was.Status = p.Answer, p.Status
			p = was
		}
		encoded, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("encode mail preferences: %w", err)
		}
		return setPreferences(ctx, q, actor.ID, encoded)
	})
}

func setPreferences(ctx context.Context, q *db.Queries, userID int64, encoded []byte) error {
	if err := q.SetMailPreferences(ctx, db.SetMailPreferencesParams{ID: userID, Prefs: encoded}); err != nil {
		return fmt.Errorf("save mail preferences: %w", err)
	}
	return nil
}

const unsubscribeUse = "frontdesk unsubscribe"

// unsubscribeURL returns the address at which a POST ends the notices of a user.
func (m *Mail) unsubscribeURL(userID int64) string {
	id := strconv.FormatInt(userID, 10)
	return m.opts.Mail.PublicURL + "/unsubscribe/" + id + "." + m.sign(unsubscribeUse, id)
}

// Unsubscribe switches off the mails to staff about events, for the user whom the token of a mail
// names. It needs no session, because mail services call it (RFC 8058). It can be undone on the page
// of the preferences. It returns [fault.ErrNotFound] for a token that is not one of the desk.
func (m *Mail) Unsubscribe(ctx context.Context, token string) error {
	user, err := m.unsubscribes(token)
	if err != nil {
		return err
	}
	return setPreferences(ctx, m.q, user, []byte(`{"assigned":false,"mentioned":false,"answered":false,"opened":false}`))
}

// CheckUnsubscribe returns [fault.ErrNotFound] for a token with which [Mail.Unsubscribe] would fail.
func (m *Mail) CheckUnsubscribe(token string) error {
	_, err := m.unsubscribes(token)
	return err
}

// unsubscribes returns the user whom a token names.
func (m *Mail) unsubscribes(token string) (userID int64, err error) {
	id, mac, _ := strings.Cut(token, ".")
	userID, err = strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0, fault.ErrNotFound
	}
	for _, key := range m.opts.Mail.Keys {
		if subtle.ConstantTimeCompare([]byte(signWith(key, unsubscribeUse, id)), []byte(mac)) == 1 {
			return userID, nil
		}
	}
	return 0, fault.ErrNotFound
}
