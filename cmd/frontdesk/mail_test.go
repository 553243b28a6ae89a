package main

import (
	"strings"
	"testing"
)

func TestTheSettingsOfMailAreCheckedAtTheStart(t *testing.T) {
	t.Parallel()
	const server, from, address = "smtp://127.0.0.1:25", "Help <help@example.org>", "https://help.example.org"
	for name, c := range map[string]struct {
		cfg  Config
		want string
	}{
		"no mail":       {Config{}, ""},
		"complete":      {Config{SMTPURL: server, MailFrom: from, PublicURL: address}, ""},
		"no sender":     {Config{SMTPURL: server, PublicURL: address}, "belong together"},
		"no address":    {Config{SMTPURL: server, MailFrom: from}, "needs PUBLIC_URL"},
		"a long name":   {Config{SMTPURL: server, MailFrom: strings.Repeat("n", 101) + " <help@example.org>", PublicURL: address}, "the name has 101 characters and may have 100"},
		"not an e-mail": {Config{SMTPURL: server, MailFrom: "help", PublicURL: address}, "MAIL_FROM: not an address"},
	} {
		_, _, err := c.cfg.mail()
		got := ""
		if err != nil {
			got = err.Error()
		}
		if c.want == "" && got != "" {
			t.Errorf("%s: got the error %q, want none", name, got)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: got the error %q, want it with %q", name, got, c.want)
		}
	}
}
