package mailout

import (
	"context"
	"crypto/subtle"
	"strconv"
	"strings"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

const unsubscribeUse = "frontdesk unsubscribe"

// unsubscribeURL returns the address at which a POST ends the notices of a user.
func (m *composer) unsubscribeURL(userID int64) string {
	id := strconv.FormatInt(userID, 10)
	return m.opts.PublicURL + "/unsubscribe/" + id + "." + m.sign(unsubscribeUse, id)
}

// Unsubscribe switches off the mails to staff about events, for the user whom the token of a mail
// names. It needs no session, because mail services call it (RFC 8058). It can be undone on the page
// of the preferences. It returns [fault.ErrNotFound] for a token that is not one of the desk.
func (m *Sender) Unsubscribe(ctx context.Context, token string) error {
	user, err := m.unsubscribes(token)
	if err != nil {
		return err
	}
	return account.EndMailsOfStaff(ctx, m.q, user)
}

// CheckUnsubscribe returns [fault.ErrNotFound] for a token with which [Sender.Unsubscribe] would fail.
func (m *Sender) CheckUnsubscribe(token string) error {
	_, err := m.unsubscribes(token)
	return err
}

// unsubscribes returns the user whom a token names.
func (m *composer) unsubscribes(token string) (userID int64, err error) {
	id, mac, _ := strings.Cut(token, ".")
	userID, err = strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0, fault.ErrNotFound
	}
	for _, key := range m.opts.Keys {
		if subtle.ConstantTimeCompare([]byte(signWith(key, unsubscribeUse, id)), []byte(mac)) == 1 {
			return userID, nil
		}
	}
	return 0, fault.ErrNotFound
}
