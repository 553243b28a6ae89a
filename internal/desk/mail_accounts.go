package desk

import (
	"context"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/account"
)

// accountMail writes the mails of package account.
type accountMail struct{ *Mail }

var _ account.Mailer = accountMail{}

// Reaches implements [account.Mailer].
func (m accountMail) Reaches(email string) bool {
	_, problem := m.deliverable(email)
	return problem == nil
}

// Write implements [account.Mailer].
func (m accountMail) Write(ctx context.Context, q *db.Queries, l account.Letter) error {
	out := Letter{UserID: l.UserID, Email: l.Email, To: l.To, Name: l.Name, Expires: l.Expires}
	switch l.Topic {
	case account.TopicPassword:
		out.Kind, out.Content = MailPassword, m.passwordLink(l)
	case account.TopicPasswordChanged:
		out.Kind, out.Content = MailPassword, m.passwordChanged()
	case account.TopicPasswordReplaced:
		out.Kind, out.Content = MailPassword, m.passwordReplaced(l)
	case account.TopicVerify:
		out.Kind, out.Content = MailVerify, m.verifyLink(l)
	case account.TopicNewAddress:
		out.Kind, out.Content = MailAddressChange, m.newAddress(l)
	case account.TopicOldAddress:
		out.Kind, out.Content = MailAddressChange, m.oldAddress(l)
	case account.TopicRegister:
		out.Kind, out.Content = MailVerify, m.registration(l)
	case account.TopicTaken:
		out.Kind, out.Content = MailPassword, m.taken(l)
	case account.TopicInvitation:
		out.Kind, out.Content = MailInvitation, m.invitation(l)
	default:
		return fmt.Errorf("no mail is about %q", l.Topic)
	}
	return m.Enqueue(ctx, q, out)
}

// url returns the whole address of a page.
func (m accountMail) url(path string) string { return m.opts.Mail.PublicURL + path }

func (m accountMail) passwordLink(l account.Letter) MailContent {
	return MailContent{Subject: "Choose a new password for " + m.opts.Mail.DeskName,
		Intro:  []string{"Somebody, most likely you, has asked for a new password for your account at " + m.opts.Mail.DeskName + "."},
		Button: MailLink{"Choose a new password", m.url("/password/" + l.Token)},
		Notes: []string{"The link works once, for 30 minutes. Only the link in the newest mail works.",
			"If it was not you, do nothing: your password stays as it is."}}
}

func (m accountMail) passwordChanged() MailContent {
	return MailContent{Subject: "Your password for " + m.opts.Mail.DeskName + " was changed",
		Intro: []string{"The password of your account at " + m.opts.Mail.DeskName + " was changed, and your other devices were signed out.",
			"If it was you, there is nothing to do. If it was not you, choose a new password now."},
		Button: MailLink{"Choose a new password", m.url("/password")}}
}

func (m accountMail) passwordReplaced(l account.Letter) MailContent {
	return MailContent{Subject: "Your password for " + m.opts.Mail.DeskName + " was replaced",
		Intro: []string{l.Other + " has replaced the password of your account at " + m.opts.Mail.DeskName + " with a one-time password, and your devices were signed out.",
			"If you do not have the one-time password, choose a new one yourself. If you did not ask for this, please tell us."},
		Button: MailLink{"Choose a new password", m.url("/password")}}
}

func (m accountMail) verifyLink(l account.Letter) MailContent {
	return MailContent{Subject: "Confirm your address for " + m.opts.Mail.DeskName,
		Intro:  []string{"This address, " + l.To + ", was given for an account at " + m.opts.Mail.DeskName + ". Please confirm that it is yours."},
		Button: MailLink{"Confirm the address", m.url("/email/" + l.Token)},
		Notes:  []string{"The link works until " + m.until(l) + ". If it was not you, do nothing: the address stays unconfirmed."}}
}

func (m accountMail) registration(l account.Letter) MailContent {
	return MailContent{Subject: "Create your account at " + m.opts.Mail.DeskName,
		Intro:  []string{"Somebody, most likely you, wants to create an account at " + m.opts.Mail.DeskName + " with this address, " + l.To + "."},
		Button: MailLink{"Create the account", m.url("/register/" + l.Token)},
		Notes:  []string{"The link works once, until " + m.until(l) + ". If it was not you, do nothing: no account is created."}}
}

func (m accountMail) taken(l account.Letter) MailContent {
	c := MailContent{Subject: "You have an account at " + m.opts.Mail.DeskName,
		Intro: []string{"Somebody, most likely you, wanted to create an account at " + m.opts.Mail.DeskName + " with this address, " + l.To + ". You have one already: sign in with it.",
			"If you have forgotten its password, choose a new one."},
		Button: MailLink{"Choose a new password", m.url("/password")}, Notes: []string{"If it was not you, do nothing: your account stays as it is."}}
	if l.UserID == 0 {
		c.Intro = []string{"Somebody, most likely you, wanted to create an account at " + m.opts.Mail.DeskName + " with this address, " + l.To + ". It was the address of an account until recently, so it cannot be used for another one yet.",
			"If it was your account, sign in with its new address."}
		c.Button = MailLink{"Sign in", m.url("/login")}
	}
	return c
}

func (m accountMail) newAddress(l account.Letter) MailContent {
	return MailContent{Subject: "Confirm your new address for " + m.opts.Mail.DeskName,
		Intro:  []string{"Your account at " + m.opts.Mail.DeskName + " is to have this address, " + l.To + ". It is used once you have confirmed it."},
		Button: MailLink{"Use this address", m.url("/email/" + l.Token)},
		Notes:  []string{"The link works until " + m.until(l) + ". If you do not know of this account, do nothing."}}
}

// oldAddress is for the present address of an account. Without a token it has no link to undo the
// change.
func (m accountMail) oldAddress(l account.Letter) MailContent {
	c := MailContent{Subject: "Your address for " + m.opts.Mail.DeskName + " is being changed",
		Intro: []string{"Your account at " + m.opts.Mail.DeskName + " is to have another address: " + l.Other + ".", "If it was you, there is nothing to do."}}
	if l.Token == "" {
		c.Intro = append(c.Intro, "If it was not you, please tell us.")
		return c
	}
	c.Intro = append(c.Intro, "If it was not you, keep this address. All devices are signed out then, and you choose a new password.")
	c.Button = MailLink{"Keep this address", m.url("/email/" + l.Token)}
	c.Notes = []string{"The link works until " + m.until(l) + ", also after the change."}
	return c
}

func (m accountMail) invitation(l account.Letter) MailContent {
	return MailContent{Subject: "You are invited to work at " + m.opts.Mail.DeskName,
		Intro:  []string{l.Other + " invites you, " + l.To + ", to work at " + m.opts.Mail.DeskName + "."},
		Button: MailLink{"Accept the invitation", m.url("/invitations/" + l.Token)},
		Notes:  []string{"The link works once, until " + m.until(l) + "."}}
}

// until returns the end of a link's time.
func (m accountMail) until(l account.Letter) string {
	return l.Expires.In(m.opts.Location).Format("2 January 2006, 15:04 MST")
}
