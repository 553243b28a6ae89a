// Package fault is the error vocabulary of the program. Domain packages return
// these errors, and one table of the handlers maps them to status codes and texts.
package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The errors that callers can act on. Any other error is a fault of the program
// or of what it runs on.
var (
	// ErrNotFound is returned for what does not exist and for what the actor may not see: the answers are the same.
	ErrNotFound = errors.New("not found")
	// ErrForbidden is returned if the actor may see a thing but not do this to it.
	ErrForbidden = errors.New("not allowed")
	// ErrCredentials is returned for an unknown address and for a wrong password: the answers are the same.
	ErrCredentials = errors.New("wrong e-mail address or password")
	// ErrSignedOut is returned if the right with which a request began has ended: the
	// actor signed out, was disabled, changed role or password, or revoked the token.
	ErrSignedOut = errors.New("the session or token has ended")
	// ErrKeyReused is returned if a submission id was used before with other content.
	ErrKeyReused = errors.New("the same form was sent before with another text")
	// ErrUnderWay is returned while another request with the same idempotency key is being answered.
	ErrUnderWay = errors.New("the same request is under way")
	// ErrEmailTaken is returned if the address has an account already.
	ErrEmailTaken = errors.New("the address has an account already")
	// ErrTooLarge is returned for a file or body over its limit.
	ErrTooLarge = errors.New("too large")
	// ErrStorage wraps an error of the attachment store.
	ErrStorage = errors.New("files cannot be kept or read")
	// ErrFileMissing is returned if the log of a ticket has a file whose content the attachment store has not.
	ErrFileMissing = errors.New("the content of the file is missing")
	// ErrBusy is returned if as many operations of a kind are under way as may be at once.
	ErrBusy = errors.New("too much is under way at once")
	// ErrUnavailable is the cause of an error if the database is away, stopping or too slow.
	ErrUnavailable = errors.New("the database is unavailable")
	// ErrFull is the cause of an error if a disk is full.
	ErrFull = errors.New("a disk is full")
	// ErrReadOnly is the cause of an error if the database accepts no changes.
	ErrReadOnly = errors.New("the database is read-only")
	// ErrBadText is the cause of an error if a text has characters that cannot be stored.
	ErrBadText = errors.New("the text cannot be stored")
	// ErrInUse is returned if something cannot be deleted because something else uses it.
	ErrInUse = errors.New("in use")
	// ErrTooLate is returned if a mail is in a state in which it cannot be withdrawn or sent again.
	ErrTooLate = errors.New("too late")
	// ErrNoteTooOld is returned if the author of a note may not delete it any more.
	ErrNoteTooOld = errors.New("the note is too old to be deleted")
	// ErrUnreadableTeam is returned if the actor would get access to a user who reads tickets of a team that the actor may not read.
	ErrUnreadableTeam = errors.New("the user is in a team whose tickets the actor may not read")
	// ErrOwnAccount is returned if a user who manages users tries to change their own account there. So
	// the last of them remains.
	ErrOwnAccount = errors.New("the actor's own account cannot be changed")
)

// FieldError is the error of one field of an input.
type FieldError struct {
	Field   string // its name in the form
	Message string // a sentence: what to do, then why
}

// Invalid is the error of an input: one entry for each wrong field, in the order of the form.
type Invalid struct{ Fields []FieldError }

// Error implements error.
func (e *Invalid) Error() string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.Field + ": " + f.Message
	}
	return "invalid input: " + strings.Join(parts, "; ")
}

// Field returns the message of the named field, or "".
func (e *Invalid) Field(name string) string {
	if e == nil {
		return ""
	}
	for _, f := range e.Fields {
		if f.Field == name {
			return f.Message
		}
	}
	return ""
}

// Renamed returns a copy in which each field has the name that rename returns for it. It returns nil for nil.
func (e *Invalid) Renamed(rename func(field string) string) *Invalid {
	if e == nil {
		return nil
	}
	out := &Invalid{Fields: slices.Clone(e.Fields)}
	for i := range out.Fields {
		out.Fields[i].Field = rename(out.Fields[i].Field)
	}
	return out
}

// WithMessage returns a copy in which a wrong field has another message. It returns e if the field is not wrong.
func (e *Invalid) WithMessage(field, message string) *Invalid {
	if e.Field(field) == "" {
		return e
	}
	out := &Invalid{Fields: slices.Clone(e.Fields)}
	for i := range out.Fields {
		if out.Fields[i].Field == field {
			out.Fields[i].Message = message
		}
	}
	return out
}

// NewInvalid returns an [*Invalid] with one field.
func NewInvalid(field, message string) error {
	return &Invalid{Fields: []FieldError{{Field: field, Message: message}}}
}

// Without returns err without what is wrong with the named field, nil if nothing else is.
func Without(err error, field string) error {
	var inv *Invalid
	if !errors.As(err, &inv) {
		return err
	}
	rest := slices.DeleteFunc(slices.Clone(inv.Fields), func(f FieldError) bool { return f.Field == field })
	if len(rest) == 0 {
		return nil
	}
	return &Invalid{Fields: rest}
}

// Limited is returned for what exceeds a rate limit. RetryAfter is when it will be allowed.
type Limited struct{ RetryAfter time.Duration }

// Error implements error.
func (e *Limited) Error() string {
	return fmt.Sprintf("too fast; try again in %s", e.RetryAfter.Round(time.Second))
}

// Merge joins the fields of several [*Invalid] errors. It returns the first error of
// another kind instead, if there is one, and nil if all are nil.
func Merge(errs ...error) error {
	all := &Invalid{}
	for _, err := range errs {
		var inv *Invalid
		switch {
		case errors.As(err, &inv):
			all.Fields = append(all.Fields, inv.Fields...)
		case err != nil:
			return err
		}
	}
	if len(all.Fields) == 0 {
		return nil
	}
	return all
}
