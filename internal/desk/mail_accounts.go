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

// Write implements [account.Mailer].
func (m accountMail) Write(ctx context.Context, q *db.Queries, l account.Letter) error {
	out := Letter{UserID: l.UserID, Email: l.Email, To: l.To, Name: l.Name, Expires: l.Expires}
	switch l.Topic {
	case account.TopicPassword:
		out.Kind, out.Content = MailPassword, m.passwordLink(l)
	case account.TopicPasswordChanged:
		out.Kind, out.Content = MailPassword, m.passwordChanged()
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
