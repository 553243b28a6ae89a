package db

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/internal/fault"
)

// Cause translates an error of the database to [fault.ErrBadText], [fault.ErrTooLarge],
// [fault.ErrFull], [fault.ErrReadOnly] or [fault.ErrUnavailable]. It returns nil for any
// other error, and for nil. The codes are listed in appendix A of PostgreSQL's manual.
func Cause(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return causeOf(pg.Code)
	}
	var connect *pgconn.ConnectError
	if err != nil && (errors.As(err, &connect) || pgconn.SafeToRetry(err) || strings.Contains(err.Error(), "conn closed")) {
		return fault.ErrUnavailable
	}
	return nil
}

// causeOf returns the fault for an SQLSTATE, or nil.
func causeOf(code string) error {
	switch code {
	case "22021", "22P05": // NUL or invalid UTF-8; the latter in jsonb
		return fault.ErrBadText
	case "54000": // program_limit_exceeded
		return fault.ErrTooLarge
	case "53100": // disk_full
		return fault.ErrFull
	case "25006": // read_only_sql_transaction: a standby, or set so by its operator
		return fault.ErrReadOnly
	case "55P03": // lock_not_available
		return fault.ErrUnavailable
	}
	switch code[:min(2, len(code))] {
	case "08", "53", "57", "58": // connection, resources, stopped or too slow, its own disk
		return fault.ErrUnavailable
	}
	return nil
}

// IsLocked reports whether a statement has waited too long for a lock.
func IsLocked(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "55P03" // lock_not_available
}
