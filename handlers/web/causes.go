package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"syscall"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// The causes of errors of the database, the disk and the network, for the error table.

// isBadText reports whether the database refused a text with NUL or invalid UTF-8.
func isBadText(err error) bool { return desk.Cause(err) == fault.ErrBadText }

// isBeyondLimits reports whether an input is larger than the database can keep.
func isBeyondLimits(err error) bool { return desk.Cause(err) == fault.ErrTooLarge }

// isFull reports whether a disk is full, or the quota of its user is used up.
func isFull(err error) bool {
	return desk.Cause(err) == fault.ErrFull || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// isReadOnly reports whether the database accepts no changes.
func isReadOnly(err error) bool { return desk.Cause(err) == fault.ErrReadOnly }

// ErrClientGone is the error of a connection that its client has closed.
var ErrClientGone = errors.New("the client has closed the connection")

// isGone reports whether the client closed the connection.
func isGone(err error) bool { return errors.Is(err, context.Canceled) || errors.Is(err, ErrClientGone) }

// isHangUp reports whether err is the result of a client that went away or reads
// too slowly: its request is cancelled, or the connection failed during the answer.
func isHangUp(c echo.Context, err error) bool {
	sending := c.Response().Committed && (isBroken(err) || errors.Is(err, os.ErrDeadlineExceeded))
	return sending || errors.Is(c.Request().Context().Err(), context.Canceled) && !errors.Is(err, errPanic)
}

// isBroken reports whether a connection broke off: that of the database or, once
// the answer has begun, that of the client.
func isBroken(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

// isExhausted reports whether this machine has no files, sockets or memory left.
func isExhausted(err error) bool {
	for _, cause := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOBUFS} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}

// isUnavailable reports whether the database is away or too slow, or this machine has no
// resources to ask it.
func isUnavailable(err error) bool {
	switch desk.Cause(err) {
	case fault.ErrUnavailable, fault.ErrFull:
		return true
	case nil:
		return isBroken(err) || isExhausted(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, syscall.ECONNREFUSED)
	}
	return false
}

// canBeSentLater reports whether the same form may succeed later: the cause is temporary,
// and the form was read, so that its page can be shown with what was typed.
func canBeSentLater(err error) bool {
	if errors.As(err, new(unreadForm)) {
		return false
	}
	var limited *fault.Limited
	return errors.As(err, &limited) || errors.Is(err, fault.ErrBusy) || isFull(err) || errors.Is(err, fault.ErrStorage) || isReadOnly(err)
}

// Later returns the notice and the status for a form that can be sent again later, as it
// is. The status is 0 if the error is of another kind.
func Later(err error) (notice string, status int) {
	if !canBeSentLater(err) {
		return "", 0
	}
	var limited *fault.Limited
	p := Table(err)
	if errors.As(err, &limited) {
		return "Too many attempts. Nothing was saved, and what you entered is kept below; send it again in " + DurationText(limited.RetryAfter) + ".", p.Status
	}
	return p.Title + ". Nothing was saved, and it is not your mistake. What you entered is kept below; send it again later.", p.Status
}

// FormAgain prepares an answer that shows a refused form again: it sets Retry-After, and
// logs the cause if it is an error of the desk.
func (s *Env) FormAgain(c echo.Context, err error) {
	s.logCause(c, err, Table(err).Status)
	retryAfter(c, err)
}

// logCause logs an error with a status of 500 or more. The entry has the id of the request,
// which the answer shows, see [reference].
func (s *Env) logCause(c echo.Context, err error, status int) {
	event := "request failed"
	switch {
	case status < http.StatusInternalServerError:
		return
	case isFull(err), errors.Is(err, fault.ErrStorage), isReadOnly(err):
		event = "storage failed"
	case status == http.StatusServiceUnavailable:
		event = "unavailable"
	}
	s.Log.ErrorContext(c.Request().Context(), event, "error", err, "status", status, "method", c.Request().Method, "path", loggedPath(c))
}
