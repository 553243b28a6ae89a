package web

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/views"
)

// otherSender is a form from the page of another account than the one that is
// signed in by now. Nothing was done.
type otherSender struct{ form Form }

func (*otherSender) Error() string { return "the form is from the page of another account" }

// checkSender compares whose page a form says that it comes from with who is
// signed in. A form that says nothing is no page's: a program sent it.
func checkSender(c echo.Context, f Form) error {
	said, actor := f.Get(views.SenderField), ActorOf(c)
	if said == "" || actor.ID == 0 || said == strconv.FormatInt(actor.ID, 10) {
		return nil
	}
	return &otherSender{f}
}

// ofOwnPage is an onFile that keeps nothing of a form of another account's page,
// but reads it to its end, so that all that was typed can be shown again.
func ofOwnPage(c echo.Context, keep onFile) onFile {
	return func(soFar Form, filename string, r io.Reader) error {
		if checkSender(c, soFar) != nil {
			return DiscardFile(soFar, filename, r)
		}
		return keep(soFar, filename, r)
	}
}

// checkForm reads a form before its handler is asked, whether that reads it or
// not, and checks its sender. One with files is checked while it is read.
func (s *Env) checkForm(c echo.Context) error {
	r := c.Request()
	if r.Method != http.MethodPost || strings.HasPrefix(r.Header.Get(echo.HeaderContentType), echo.MIMEMultipartForm) {
		return nil
	}
	_, err := s.ReadForm(c, nil) // which the handler can read again
	return err
}

// typedFields are those in which people write, in the order of the pages.
var typedFields = []struct{ name, label string }{
	{"subject", "Subject"}, {"description", "What happened?"}, {"text", "Text"}, {"username", "Name"}, {"email", "E-mail address"}, {"name", "Name"},
}

// typedIn is what somebody wrote in a form.
func typedIn(f Form) (out []views.Typed) {
	for _, field := range typedFields {
		if text := f.Get(field.name); strings.TrimSpace(text) != "" {
			out = append(out, views.Typed{Label: field.label, Text: text})
		}
	}
	return out
}
