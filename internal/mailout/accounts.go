package mailout

import (
	"context"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/input"
)

// Accounts returns the mailer of package account.
func (m *Sender) Accounts() account.Mailer { return accountMailer{m} }

// accountMailer writes the mails of package account.
type accountMailer struct{ *Sender }

// Reaches implements [account.Mailer].
func (m accountMailer) Reaches(email string) bool {
	_, problem := m.deliverable(email)
	return problem == nil
}

// Write implements [account.Mailer].
func (m accountMailer) Write(ctx context.Context, q *db.Queries, l account.Mail) error {
	out := AccountMail{UserID: l.UserID, Email: l.Email, To: l.To, Name: l.Name, Expires: l.Expires}
	switch l.Topic {
	case account.TopicPassword:
		out.Kind, out.Content = KindPassword, m.passwordLink(l)
	case account.TopicPasswordChanged:
		out.Kind, out.Content = KindPassword, m.passwordChanged()
	case account.TopicPasswordReplaced:
		out.Kind, out.Content = KindPassword, m.passwordReplaced(l)
	case account.TopicVerify:
		out.Kind, out.Content = KindVerify, m.verifyLink(l)
	case account.TopicNewAddress:
		out.Kind, out.Content = KindAddressChange, m.newAddress(l)
	case account.TopicOldAddress:
		out.Kind, out.Content = KindAddressChange, m.oldAddress(l)
	case account.TopicRegister:
		out.Kind, out.Content = KindVerify, m.registration(l)
	case account.TopicTaken:
		out.Kind, out.Content = KindPassword, m.taken(l)
	case account.TopicInvitation:
		out.Kind, out.Content = KindInvitation, m.invitation(l)
	default:
		return fmt.Errorf("no mail is about %q", l.Topic)
	}
	return m.Enqueue(ctx, q, out)
}

// url returns the whole address of a page.
func (m accountMailer) url(path string) string { return m.opts.PublicURL + path }

func (m accountMailer) passwordLink(l account.Mail) Content {
	return Content{Subject: "Choose a new password for " + m.opts.DeskName,
		Intro:  []string{"Someone, probably you, has asked for a new password for your account at " + m.opts.DeskName + "."},
		Button: Link{"Choose a new password", m.url("/password/" + l.Token)},
		Notes: []string{"The link works once, for " + input.Duration(account.PasswordLinkTime) + ". Only the link in the newest mail works.",
			"If it was not you, do nothing: your password stays as it is."}}
}

func (m accountMailer) passwordChanged() Content {
	return Content{Subject: "Your password for " + m.opts.DeskName + " was changed",
		Intro: []string{"The password of your account at " + m.opts.DeskName + " was changed, and your other devices were signed out.",
			"If it was you, there is nothing to do. If it was not you, choose a new password now."},
		Button: Link{"Choose a new password", m.url("/password")}}
}

func (m accountMailer) passwordReplaced(l account.Mail) Content {
	return Content{Subject: "Your password for " + m.opts.DeskName + " was replaced",
		Intro: []string{l.Other + " has replaced the password of your account at " + m.opts.DeskName + " with a one-time password, and your devices were signed out.",
			"If you do not have the one-time password, choose a new one yourself. If you did not ask for this, please tell us."},
		Button: Link{"Choose a new password", m.url("/password")}}
}

func (m accountMailer) verifyLink(l account.Mail) Content {
	return Content{Subject: "Confirm your address for " + m.opts.DeskName,
		Intro:  []string{"This address, " + l.To + ", was given for an account at " + m.opts.DeskName + ". Please confirm that it is yours."},
		Button: Link{"Confirm the address", m.url("/email/" + l.Token)},
		Notes:  []string{"The link works until " + m.until(l) + ". If it was not you, do nothing: the address stays unconfirmed."}}
}

func (m accountMailer) registration(l account.Mail) Content {
	return Content{Subject: "Create your account at " + m.opts.DeskName,
		Intro:  []string{"Someone, probably you, wants to create an account at " + m.opts.DeskName + " with this address, " + l.To + "."},
		Button: Link{"Create the account", m.url("/register/" + l.Token)},
		Notes:  []string{"The link works once, until " + m.until(l) + ". If it was not you, do nothing: no account is created."}}
}

func (m accountMailer) taken(l account.Mail) Content {
	c := Content{Subject: "You have an account at " + m.opts.DeskName,
		Intro: []string{"Someone, probably you, wanted to create an account at " + m.opts.DeskName + " with this address, " + l.To + ". You have one already: sign in with it.",
			"If you have forgotten its password, choose a new one."},
		Button: Link{"Choose a new password", m.url("/password")}, Notes: []string{"If it was not you, do nothing: your account stays as it is."}}
	if l.UserID == 0 {
		c.Intro = []string{"Someone, probably you, wanted to create an account at " + m.opts.DeskName + " with this address, " + l.To + ". It was the address of an account until recently, so it cannot be used for another one yet.",
			"If it was your account, sign in with its new address."}
		c.Button = Link{"Sign in", m.url("/login")}
	}
	return c
}

func (m accountMailer) newAddress(l account.Mail) Content {
	return Content{Subject: "Confirm your new address for " + m.opts.DeskName,
		Intro:  []string{"Your account at " + m.opts.DeskName + " is to have this address, " + l.To + ". It is used once you have confirmed it."},
		Button: Link{"Use this address", m.url("/email/" + l.Token)},
		Notes:  []string{"The link works until " + m.until(l) + ". If you do not know of this account, do nothing."}}
}

// oldAddress is for the present address of an account. Without a token it has no link to undo the
// change.
func (m accountMailer) oldAddress(l account.Mail) Content {
	c := Content{Subject: "Your address for " + m.opts.DeskName + " is being changed",
		Intro: []string{"Your account at " + m.opts.DeskName + " is to have another address: " + l.Other + ".", "If it was you, there is nothing to do."}}
	if l.Token == "" {
		c.Intro = append(c.Intro, "If it was not you, please tell us.")
		return c
	}
	c.Intro = append(c.Intro, "If it was not you, keep this address. All devices are signed out then, and you choose a new password.")
	c.Button = Link{"Keep this address", m.url("/email/" + l.Token)}
	c.Notes = []string{"The link works until " + m.until(l) + ", also after the change."}
	return c
}

func (m accountMailer) invitation(l account.Mail) Content {
	return Content{Subject: "You are invited to work at " + m.opts.DeskName,
		Intro:  []string{l.Other + " invites you, " + l.To + ", to work at " + m.opts.DeskName + "."},
		Button: Link{"Accept the invitation", m.url("/invitations/" + l.Token)},
		Notes:  []string{"The link works once, until " + m.until(l) + "."}}
}

// until returns the end of a link's time.
func (m accountMailer) until(l account.Mail) string {
	return l.Expires.In(m.opts.Location).Format("2 January 2006, 15:04 MST")
}
