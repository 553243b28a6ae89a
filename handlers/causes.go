package handlers

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/labstack/echo/v4"

	"frontdesk/internal/fault"
)

// What an error of the database, the disk or the network says, for the table of errors.

// sqlState returns the SQLSTATE of an error of the database, or "".
func sqlState(err error) string {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return ""
	}
	return pg.Code
}

// isBadText reports whether a text has NUL or invalid UTF-8 that no check caught
// (SQLSTATE 22021; 22P05 in jsonb).
func isBadText(err error) bool {
	code := sqlState(err)
	return code == "22021" || code == "22P05"
}

// isBeyondLimits reports whether an input is larger than PostgreSQL can keep
// (program_limit_exceeded).
func isBeyondLimits(err error) bool { return sqlState(err) == "54000" }

// isFull reports whether a disk is full, or the quota of its user is used up.
func isFull(err error) bool {
	return sqlState(err) == "53100" || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// isReadOnly reports whether the database takes no changes: a standby, or one that
// its operator set so.
func isReadOnly(err error) bool { return sqlState(err) == "25006" }

// errClientGone is the error of a connection that its client has closed.
var errClientGone = errors.New("the client has closed the connection")

// isGone reports whether the client closed the connection.
func isGone(err error) bool { return errors.Is(err, context.Canceled) || errors.Is(err, errClientGone) }

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

// isUnavailable reports whether the database is away (08), out of resources (53),
// stopping or too slow (57, 55P03), or cannot read its disk (58).
func isUnavailable(err error) bool {
	if code := sqlState(err); code != "" {
		switch code[:2] {
		case "08", "53", "57", "58":
			return true
		}
		return code == "55P03"
	}
	var connect *pgconn.ConnectError
	return isBroken(err) || isExhausted(err) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &connect) || pgconn.SafeToRetry(err) ||
		strings.Contains(err.Error(), "conn closed") || errors.Is(err, syscall.ECONNREFUSED)
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

// later returns what to say beside a form that can be sent again as it is, and
// with which status; 0 if it cannot.
func later(err error) (notice string, status int) {
	if !canBeSentLater(err) {
		return "", 0
	}
	var limited *fault.Limited
	p := table(err)
	if errors.As(err, &limited) {
		return "Too many attempts. What you wrote is kept below; send it again in " + inWords(limited.RetryAfter) + ".", p.status
	}
	return p.title + ". Nothing was saved, and it is not your mistake. What you wrote is kept below; send it again later.", p.status
}

// formAgain prepares an answer that shows a refused form again: when to send it,
// and a line in the log if the cause is on our side.
func (s *server) formAgain(c echo.Context, err error) {
	s.logCause(c, err, table(err).status)
	retryAfter(c, err)
}

// logCause logs what failed on our side, with its cause. It returns the code
// that a person is shown for a fault of ours, or "".
func (s *server) logCause(c echo.Context, err error, status int) (code string) {
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
	s.log.Error(event, "error", err, "code", code, "status", status, "method", c.Request().Method, "path", c.Request().URL.Path)
	return code
}
