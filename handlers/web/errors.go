package web

import (
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/fault"
	"frontdesk/internal/requestid"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// formAfter returns a sentence for a page about the form that a failed request had sent, or "" if the
// text of the problem is enough. htmx leaves the form on its page.
func formAfter(status int) string {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return " Nothing was saved. The Back button of your browser leads to the form with what you typed."
	case http.StatusInternalServerError, http.StatusInsufficientStorage:
		return " Nothing was saved, and what you typed is still there when you go back."
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return " What you typed is still there when you go back."
	}
	return ""
}

// StatusClientClosed is the status of nginx for a client that closed the connection before
// it was answered. It appears only in logs.
const StatusClientClosed = 499

// fieldMessages returns the messages of the fields.
func fieldMessages(inv *fault.Invalid) string {
	parts := make([]string, len(inv.Fields))
	for i, f := range inv.Fields {
		parts[i] = f.Message
	}
	return strings.Join(parts, " ")
}

// logFailure logs an error at the level ERROR, or INFO if the client went away.
func logFailure(log *slog.Logger, c echo.Context, text string, err error) {
	level := slog.LevelError
	if isHangUp(c, err) {
		level = slog.LevelInfo
	}
	log.Log(c.Request().Context(), level, text, "error", err)
}

// HandleError answers every failed request: with a page, the text of a toast, or JSON. It
// logs the cause of an error of the desk. A client that has gone is not answered.
func (s *Env) HandleError(err error, c echo.Context) {
	p := Table(err)
	if p.Status >= http.StatusInternalServerError && isHangUp(c, err) {
		p.Status = StatusClientClosed
	}
	s.logCause(c, err, p.Status)
	s.KeptForms.putBack(c)
	if c.Response().Committed || p.Status == StatusClientClosed {
		bare(c, p.Status)
		return
	}
	if p.Status == http.StatusRequestEntityTooLarge || errors.As(err, new(unreadForm)) {
		drain(c)
	}
	retryAfter(c, err)
	if IsAPI(c) {
		err = s.explainAPI(c, err, p)
	} else if errors.Is(err, fault.ErrSignedOut) && !WantsJSON(c) {
		err = s.askToSignIn(c)
	} else if p.Status == http.StatusMethodNotAllowed && reads(c.Request()) {
		// The answer to a failed form has the address that the form posts to, and the browser
		// has opened that address again.
		err = SeeOther(c, s.Routes.formAddress(c))
	} else {
		err = s.explain(c, err, p)
	}
	if err != nil {
		logFailure(s.Log, c, "error page not rendered", err)
		bare(c, p.Status)
	}
}

// bare answers with a status and no body, unless the answer has begun. Otherwise net/http
// would send 200 to a client that has stopped sending but still reads.
func bare(c echo.Context, status int) {
	if !c.Response().Committed {
		c.Response().Writer.WriteHeader(status)
	}
	c.Response().Status = status
}

// Values of Retry-After, in seconds.
const (
	retrySoon  = "5"  // the database may be available again
	retryLater = "60" // an operator may have repaired the storage
)

// retryAfter sets Retry-After if the error is temporary (RFC 9110, 10.2.3).
func retryAfter(c echo.Context, err error) {
	var limited *fault.Limited
	switch {
	case errors.As(err, &limited):
		c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(limited.RetryAfter.Seconds()))))
	case isFull(err), errors.Is(err, fault.ErrStorage), isReadOnly(err):
		c.Response().Header().Set(echo.HeaderRetryAfter, retryLater)
	case Table(err).Status == http.StatusServiceUnavailable:
		c.Response().Header().Set(echo.HeaderRetryAfter, retrySoon)
	case errors.Is(err, fault.ErrUnderWay):
		c.Response().Header().Set(echo.HeaderRetryAfter, "1")
	}
}

// explain answers a failed request of a page: a script with JSON, htmx with a toast, and
// others with a page.
func (s *Env) explain(c echo.Context, err error, p Problem) error {
	if !ui.FrameOf(c.Request().Context()).Sessions {
		s.SetVisitorFrame(c)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	var other *senderMismatch
	if errors.As(err, &other) {
		p.Text += " " + ActorOf(c).Email + " is signed in now."
	}
	if p.Status == http.StatusNotFound && IsPartial(c) { // a part of a page that is open
		p.Title, p.Text = "This is no longer here", "It may have been deleted, or your account may not see it any more. Copy what you need, then reload the page."
	}
	if !reads(c.Request()) && !IsPartial(c) {
		p.Text += formAfter(p.Status)
	}
	if p.Status >= http.StatusInternalServerError && (WantsJSON(c) || IsPartial(c)) {
		p.Text += " Reference: " + reference(c) + "." // pages show it below the text
	}
	switch {
	case WantsJSON(c):
		return c.JSON(p.Status, problemJSON(err, p))
	case IsPartial(c) && (p.Status == http.StatusConflict || p.Status == http.StatusUnprocessableEntity):
		// The page swaps these two in; a toast alone leaves its form as it is.
		return s.Render(c, p.Status, ui.Toast(ui.Flash{Tone: "danger", Text: p.Title + ". " + p.Text}))
	case IsPartial(c):
		return c.String(p.Status, p.Title+". "+p.Text)
	}
	if other != nil {
		return s.Render(c, p.Status, views.OtherSender(TypedIn(other.form), s.Routes.formAddress(c)))
	}
	return s.explainOnPage(c, err, p)
}

// explainOnPage answers a failed request with a page, with a link to the form if it is known.
func (s *Env) explainOnPage(c echo.Context, err error, p Problem) error {
	actor, text := ActorOf(c), p.Text
	if p.Status == http.StatusNotFound && actor.ID != 0 {
		text += " You are signed in as " + actor.Email + "."
	}
	page := views.Problem{Status: p.Status, Title: p.Title, Text: text, Typed: s.lostTexts(c, err), At: s.Desk.Now(), HomeURL: ui.Home(actor)}
	form := s.Routes.formAddress(c)
	switch again := p.Status >= 500 || p.Status == http.StatusTooManyRequests; {
	case again && reads(c.Request()):
		page.Retry = LocalPath(c.Request().URL.RequestURI(), "/")
	case again:
		page.Retry = form
	case !reads(c.Request()) && p.Status != http.StatusNotFound && p.Status != http.StatusForbidden && form != "/":
		page.Back = form
	}
	return s.Render(c, p.Status, views.ProblemPage(page, strconv.Itoa(p.Status)))
}

// problemJSON returns the answer to a script: the text, the invalid fields, and a name for
// errors that scripts handle.
func problemJSON(err error, p Problem) map[string]any {
	out := map[string]any{"error": p.Text, "message": p.Text}
	if inv, ok := AsInvalid(err); ok {
		fields := map[string]string{}
		for _, f := range inv.Fields {
			fields[f.Field] = f.Message
		}
		out["fields"] = fields
	}
	if other := (*senderMismatch)(nil); errors.As(err, &other) {
		out["name"] = "not_you"
	}
	if errors.Is(err, errBrokenFile) {
		out["name"] = "broken_file"
	}
	return out
}

// reference returns the id of the request, by which an operator finds it in the log.
func reference(c echo.Context) string { return requestid.Of(c.Request().Context()) }

// DurationText returns a duration in English, rounded up to seconds or, from 90 seconds on, to
// minutes.
func DurationText(d time.Duration) string {
	seconds := int(math.Ceil(d.Seconds()))
	switch {
	case seconds <= 1:
		return "a second"
	case seconds < 90:
		return strconv.Itoa(seconds) + " seconds"
	}
	return strconv.Itoa((seconds+59)/60) + " minutes"
}

// AsInvalid returns the [fault.Invalid] in err, and whether there is one.
func AsInvalid(err error) (*fault.Invalid, bool) {
	var inv *fault.Invalid
	return inv, errors.As(err, &inv)
}
