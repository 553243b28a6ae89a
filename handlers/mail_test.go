package handlers

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"

	"frontdesk/internal/desk"
	smtp "frontdesk/internal/mail"
	"frontdesk/internal/mailout"
	mailviews "frontdesk/views/mail"
)

// mailURL is the address of a desk that sends mail, in the links of its mails.
const mailURL = "https://desk.example.org"

// sendsMail gives a desk a mailbox. Nothing sends its mails: tests read them in the database.
func sendsMail(o *desk.Options) {
	o.Mail = mailout.Options{Server: &smtp.Server{Host: "mail.invalid", Port: 25, Security: smtp.NoTLS}, From: smtp.Address{Addr: "help@example.org"},
		DeskName: "Example Help", PublicURL: mailURL, Keys: testKeys, Render: mailviews.Render}
}

// mails returns the texts of the mails to an address, the oldest first.
func (a *app) mails(to string) (texts []string) {
	a.t.Helper()
	rows, err := a.pool.Query(a.t.Context(), "select o.raw from mail_out o join mail_rcpt r on r.mail_out_id = o.id where r.addr = $1 order by o.id", to)
	if err != nil {
		a.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			a.t.Fatal(err)
		}
		texts = append(texts, a.plainPart(raw))
	}
	return texts
}

// plainPart returns the subject and the plain text of a message.
func (a *app) plainPart(raw []byte) string {
	a.t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		a.t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		a.t.Fatal(err)
	}
	part, err := multipart.NewReader(m.Body, params["boundary"]).NextRawPart()
	if err != nil {
		a.t.Fatal(err)
	}
	var body io.Reader = part
	if part.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(part)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		a.t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		a.t.Fatal(err)
	}
	return subject + "\n\n" + strings.ReplaceAll(string(text), "\r\n", "\n")
}

// mailedLink returns the path of the link in the newest mail to an address.
func (a *app) mailedLink(to string) string {
	a.t.Helper()
	mails := a.mails(to)
	if len(mails) == 0 {
		a.t.Fatalf("there is no mail to %s", to)
	}
	link := regexp.MustCompile(regexp.QuoteMeta(mailURL) + `(/\S+/[a-z2-7]{26})\b`).FindStringSubmatch(mails[len(mails)-1])
	if link == nil {
		a.t.Fatalf("the newest mail to %s has no link with a token: %s", to, mails[len(mails)-1])
	}
	return link[1]
}
