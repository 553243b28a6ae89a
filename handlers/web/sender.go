package web

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/fault"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// senderMismatch is the error for a form from the page of another account than the one that is
// signed in now.
type senderMismatch struct{ form Form }

// Error implements error.
func (*senderMismatch) Error() string { return "the form is from the page of another account" }

// checkSender returns an [senderMismatch] if the form names another account than the actor's as
// the one whose page it is on. A form without the field is accepted: an API client sent it.
func checkSender(c echo.Context, f Form) error {
	sender, actor := f.Get(ui.SenderField), ActorOf(c)
	if sender == "" || actor.ID == 0 || sender == strconv.FormatInt(actor.ID, 10) {
		return nil
	}
	return &senderMismatch{f}
}

// checkedSender returns an onFile that drops the files of a form from another account's page,
// and passes others to keep. The form is read to its end, so that what was typed can be
// shown again.
func checkedSender(c echo.Context, keep onFile) onFile {
	return func(soFar Form, filename string, r io.Reader) error {
		if checkSender(c, soFar) != nil {
			return DiscardFile(soFar, filename, r)
		}
		return keep(soFar, filename, r)
	}
}

// check reads a form without files before its handler runs, and checks its sender. A
// form with files is checked while the handler reads it.
func (s *Forms) check(c echo.Context) error {
	r := c.Request()
	if r.Method != http.MethodPost || strings.HasPrefix(r.Header.Get(echo.HeaderContentType), echo.MIMEMultipartForm) {
		return nil
	}
	_, err := s.Read(c, nil) // the handler can read it again
	return err
}

// Refuse returns the error of a form that is refused before its files are read. It reads the texts, which
// the answer shows again, see [lostTexts]. A form of another account's page, or of a user who was signed
// out meanwhile, has that error instead.
func (s *Forms) Refuse(c echo.Context, refused error) error {
	if reads(c.Request()) {
		return refused
	}
	_, err := s.readTexts(c, ActorOf(c).ID)
	if errors.As(err, new(*senderMismatch)) || errors.Is(err, fault.ErrSignedOut) {
		return err
	}
	return refused
}

// lostTexts returns the texts of a form that cannot be shown again, because its user may not see or
// do what the form is about. The form is that of the request, or the one that was kept for its page. If
// the kept one has no text, it adds a notice that nothing was saved.
func (s *Env) lostTexts(c echo.Context, err error) []views.Typed {
	if ActorOf(c).ID == 0 || !errors.Is(err, fault.ErrNotFound) && !errors.Is(err, fault.ErrForbidden) {
		return nil
	}
	if f, read := c.Get(keyForm).(Form); read {
		return TypedIn(f)
	}
	f, kept := s.KeptForms.Take(c)
	texts := TypedIn(f)
	if kept && len(texts) == 0 {
		Flash(c, "warn", NothingSaved)
	}
	return texts
}

// typedFields are the text fields of forms, in the order of the pages.
var typedFields = []struct{ name, label string }{
	{"subject", "Subject"}, {"description", "What happened?"}, {"text", "Text"}, {"username", "Name"}, {"email", "E-mail address"}, {"name", "Name"},
}

// TypedIn returns the texts of a form with their labels.
func TypedIn(f Form) (out []views.Typed) {
	for _, field := range typedFields {
		if text := f.Get(field.name); strings.TrimSpace(text) != "" {
			out = append(out, views.Typed{Label: field.label, Text: text})
		}
	}
	return out
}
