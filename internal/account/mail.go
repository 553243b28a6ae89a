package account

import (
	"context"
	"time"

	"frontdesk/db"
	"frontdesk/internal/fault"
)

// Mailer writes mails to the owners of accounts.
type Mailer interface {
	// Enabled reports whether mail can be sent.
	Enabled() bool
	// Reaches reports whether a mail can be sent to an address: none is sent to those of the desk itself.
	Reaches(email string) bool
	// Write writes a mail in the caller's transaction. It does nothing if mail cannot be sent.
	Write(ctx context.Context, q *db.Queries, m Mail) error
}

// noMail is the [Mailer] of a service without mail.
type noMail struct{}

func (noMail) Enabled() bool                                  { return false }
func (noMail) Reaches(string) bool                            { return true }
func (noMail) Write(context.Context, *db.Queries, Mail) error { return nil }

// checkReachable returns [*fault.Invalid] for an address to which no mail can be sent.
func (s *core) checkReachable(email string) error {
	if s.mailer.Enabled() && !s.mailer.Reaches(email) {
		return fault.NewInvalid("email", "No mail can be sent to this address. Use another one.")
	}
	return nil
}

// Mail is a mail about an account.
type Mail struct {
	Topic   Topic
	UserID  int64  // 0 for an invitation
	Email   string // the address of the account
	To      string // the address to which the mail is sent
	Name    string // of the recipient, or "" if it is not known
	Token   string // of the link in the mail
	Expires time.Time
	Other   string // the new address, or who has sent the invitation or replaced the password
}

// Topic is the subject matter of a [Mail].
type Topic string

// Topics of mails.
const (
	TopicPassword         Topic = "password"          // a link to choose a password
	TopicPasswordChanged  Topic = "password changed"  // a message without a link
	TopicPasswordReplaced Topic = "password replaced" // a message that staff have replaced the password
	TopicVerify           Topic = "verify"            // a link to confirm the address of an account
	TopicNewAddress       Topic = "new address"       // a link to confirm another address, to that address
	TopicOldAddress       Topic = "old address"       // to the former address; a link to undo the change if it was confirmed
	TopicInvitation       Topic = "invitation"
	TopicRegister         Topic = "register" // a link to create an account
	TopicTaken            Topic = "taken"    // the address of an existing account was given at a registration
)
