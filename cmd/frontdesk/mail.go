package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/internal/mail"
	"frontdesk/internal/mailout"
	mailviews "frontdesk/views/mail"
)

// mail returns the server and the sender of SMTP_URL and MAIL_FROM; nil without them.
func (c *Config) mail() (*mail.Server, mail.Address, error) {
	var none mail.Address
	switch {
	case c.SMTPURL == "" && c.MailFrom == "":
		return nil, none, nil
	case c.SMTPURL == "" || c.MailFrom == "":
		return nil, none, errors.New("SMTP_URL and MAIL_FROM belong together: set both, or neither")
	case c.PublicURL == "":
		return nil, none, errors.New("SMTP_URL needs PUBLIC_URL, the address to which the links in mails lead")
	}
	server, err := mail.ParseServer(c.SMTPURL)
	if err != nil {
		return nil, none, fmt.Errorf("SMTP_URL: %w", err)
	}
	from, err := mail.ParseAddress(c.MailFrom)
	if err != nil {
		return nil, none, fmt.Errorf("MAIL_FROM: %w", err)
	}
	if n := utf8.RuneCountInString(from.Name); n > mailout.MaxSenderName {
		return nil, none, fmt.Errorf("MAIL_FROM: the name has %d characters and may have %d", n, mailout.MaxSenderName)
	}
	return &server, from, nil
}

// mailOptions returns the options of the desk's mail.
func (a *app) mailOptions() (mailout.Options, error) {
	server, from, err := a.cfg.mail()
	if err != nil {
		return mailout.Options{}, err
	}
	keys, err := a.cfg.tokenKeys(a.dataDir)
	if err != nil {
		return mailout.Options{}, err
	}
	return mailout.Options{Server: server, From: from, DeskName: a.cfg.DeskName, PublicURL: strings.TrimSuffix(a.cfg.PublicURL, "/"),
		Keys: keys, Render: mailviews.Render}, nil
}

// workMail sends mail until ctx ends. On a desk without a mailbox it waits for one.
func (a *app) workMail(ctx context.Context) {
	for ctx.Err() == nil {
		if err := a.desk.Mail.Work(ctx); err != nil {
			a.log.Error("mail worker failed", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(5 * time.Second):
		}
	}
}
