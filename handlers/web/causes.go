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

// What an error of the database, the disk or the network says, for the table of errors.

// isBadText reports whether a text has NUL or invalid UTF-8 that no check caught.
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

// canBeSentLater reports whether the same form may be sent again later: what
// refused it is passing, and its page can be shown meanwhile with what was typed.
func canBeSentLater(err error) bool {
	if errors.As(err, new(unreadForm)) {
		return false
	}
	var limited *fault.Limited
	return errors.As(err, &limited) || errors.Is(err, fault.ErrBusy) || isFull(err) || errors.Is(err, fault.ErrStorage) || isReadOnly(err)
}

// Later returns what to say beside a form that can be sent again as it is, and
// with which status; 0 if it cannot.
func Later(err error) (notice string, status int) {
	if !canBeSentLater(err) {
		return "", 0
	}
	var limited *fault.Limited
	p := Table(err)
	if errors.As(err, &limited) {
		return "Too many attempts. What you wrote is kept below; send it again in " + InWords(limited.RetryAfter) + ".", p.Status
	}
	return p.title + ". Nothing was saved, and it is not your mistake. What you wrote is kept below; send it again later.", p.Status
}

// FormAgain prepares an answer that shows a refused form again: when to send it,
// and a line in the log if the cause is on our side.
func (s *Env) FormAgain(c echo.Context, err error) {
	s.logCause(c, err, Table(err).Status)
	retryAfter(c, err)
}

// logCause logs what failed on our side, with its cause. It returns the code
// that a person is shown for a fault of ours, or "".
func (s *Env) logCause(c echo.Context, err error, status int) (code string) {
	event := "failed"
	switch {
	case status == http.StatusInternalServerError:
		code = newCode()
	case status < http.StatusInternalServerError:
		return ""
	case isFull(err), errors.Is(err, fault.ErrStorage), isReadOnly(err):
		event = "storage failed"
	case status == http.StatusServiceUnavailable:
		event = "unavailable"
	}
	s.Log.Error(event, "error", err, "code", code, "status", status, "method", c.Request().Method, "path", c.Request().URL.Path)
	return code
}
