package mailout

import (
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/mail"
)

// MaxSenderName is the maximum length of the name of a sender, in characters.
const MaxSenderName = 100

// MailboxInput is the form of a mailbox.
type MailboxInput struct {
	Address   string `form:"address" validate:"required,max=254,email,address"`
	FromName  string `form:"from_name" validate:"omitempty,max=100,name"`
	Host      string `form:"host" validate:"required,max=253,line"`
	Port      int    `form:"port" validate:"min=1,max=65535"`
	Security  string `form:"security" validate:"required,oneof=starttls tls none"`
	User      string `form:"user" validate:"omitempty,max=254,line"`
	Password  string `form:"password" validate:"max=500" keep:"space"`
	Signature string `form:"signature" validate:"omitempty,max=2000,text"`
	Rate      int    `form:"rate" validate:"min=0,max=100000"` // mails a minute; 0 for no limit
	Default   bool   `form:"default"`
	Version   int    `form:"version"`
}

// NewMailbox is the form of a mailbox before anything is typed.
var NewMailbox = MailboxInput{Port: 587, Security: string(mail.StartTLS)}

// environmentInput has the fields of the mailbox of SMTP_URL that can be changed.
type environmentInput struct {
	Signature string `form:"signature" validate:"omitempty,max=2000,text"`
	Rate      int    `form:"rate" validate:"min=0,max=100000"`
}

// checkEnvironment checks the input for the mailbox of SMTP_URL.
func (s *Mailboxes) checkEnvironment(in *MailboxInput) error {
	part := environmentInput{in.Signature, in.Rate}
	if err := input.Check(&part); err != nil {
		return err
	}
	in.Signature, in.Rate = part.Signature, part.Rate
	return checkSignature(in.Signature)
}

// check checks the input for a mailbox, and returns its server, encrypted. An empty password keeps
// the stored one, but only for the same server and user: otherwise an admin could send it to a
// server of their own.
func (s *Mailboxes) check(in *MailboxInput, was mail.Server) (sealed []byte, err error) {
	if !s.mail.Configurable() {
		return nil, fault.NewInvalid("address", "Set PUBLIC_URL first: mails need it for their links.")
	}
	if err := fault.Merge(input.Check(in), checkSignature(in.Signature)); err != nil {
		return nil, err
	}
	if in.Address, err = mail.Carriable(in.Address); err != nil {
		return nil, fault.NewInvalid("address", "Mail cannot be sent from this address: "+err.Error()+".")
	}
	server := mail.Server{Host: in.Host, Port: in.Port, Security: mail.Security(in.Security), User: in.User, Password: in.Password}
	switch kept := server; {
	case server.User == "":
		server.Password = ""
	case server.Password == "":
		kept.Password = was.Password
		if kept != was || was.Password == "" {
			return nil, fault.NewInvalid("password", "Write the password: it is needed again for another server or user.")
		}
		server = kept
	}
	if err := server.Check(); err != nil {
		return nil, fault.NewInvalid("security", "This server cannot be used: "+err.Error()+".")
	}
	if sealed, err = mail.Seal(s.mail.sealKeys()[0], server); err != nil {
		return nil, err
	}
	return sealed, nil
}

// mailboxError converts a violated constraint into [*fault.Invalid].
func mailboxError(err error) error {
	if db.Violates(err, "mailboxes_address_key") {
		return fault.NewInvalid("address", "There is already a mailbox with this address.")
	}
	return fmt.Errorf("save a mailbox: %w", err)
}
