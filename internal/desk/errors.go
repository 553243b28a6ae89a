package desk

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// What can go wrong, told apart by what the caller can do about it. Everything
// else is a fault of ours.
var (
	// ErrNotFound: no such thing, or not the actor's to see; the two are one.
	ErrNotFound = errors.New("not found")
	// ErrForbidden: the actor may see it, but not do this.
	ErrForbidden = errors.New("not allowed")
	// ErrCredentials: unknown address or wrong password; the two are one.
	ErrCredentials = errors.New("wrong e-mail address or password")
	// ErrKeyReused: the submission id was used before with another content.
	ErrKeyReused = errors.New("the same form was sent before with another text")
	// ErrEmailTaken: the address has an account already.
	ErrEmailTaken = errors.New("the address has an account already")
	// ErrTooLarge: a file or body over its limit.
	ErrTooLarge = errors.New("too large")
	// ErrStorage: the folder of files failed, and its error is wrapped.
	ErrStorage = errors.New("files cannot be kept or read")
	// ErrFileMissing: a file is in the log of a ticket, and not in the folder of files.
	ErrFileMissing = errors.New("the content of the file is missing")
	// ErrBusy: as much of this is under way as there may be at once.
	ErrBusy = errors.New("too much is under way at once")
	// ErrLastAdmin: nobody can disable or demote the last admin or themselves.
	ErrLastAdmin = errors.New("the last admin, and oneself, stay as they are")
)

// FieldError is what is wrong with one field.
type FieldError struct {
	Field   string // its name in the form
	Message string // a sentence: what to do, then why
}

// Invalid says what is wrong with an input, field by field, in the order of the form.
type Invalid struct{ Fields []FieldError }

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

// invalid is one field's error.
func invalid(field, message string) error {
	return &Invalid{Fields: []FieldError{{Field: field, Message: message}}}
}

// Stale says that the ticket has moved on since the form was made, and carries
// it as it is now.
type Stale struct{ Current Ticket }

func (e *Stale) Error() string {
	return fmt.Sprintf("ticket %d has changed since, to version %d", e.Current.ID, e.Current.Version)
}

// Unseen says that others of staff commented while a comment was written, which
// was not stored: nobody answers blind.
type Unseen struct {
	Comments int
	After    int64 // the place up to which the log was shown
	First    int64 // the first of the comments
}

func (e *Unseen) Error() string {
	return fmt.Sprintf("%d comments came after place %d", e.Comments, e.After)
}

// Limited says that the actor was too fast, and when to try again.
type Limited struct{ RetryAfter time.Duration }

func (e *Limited) Error() string {
	return fmt.Sprintf("too fast; try again in %s", e.RetryAfter.Round(time.Second))
}
