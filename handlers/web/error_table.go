package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/live"
	"frontdesk/internal/savedview"
	"frontdesk/internal/settings"
)

// Table turns an error into a status and words, for the errors that handlers return. A handler
// that shows a form again, with the failure beside a field, answers with the same status.
func Table(err error) problem {
	var (
		limited *fault.Limited
		stale   *desk.Stale
		older   *settings.Stale
		role    *account.StaleRole
		team    *desk.StaleTeam
		view    *savedview.Stale
		unseen  *desk.Unseen
		taken   *desk.Taken
		inv     *fault.Invalid
		httpErr *echo.HTTPError
		other   *senderMismatch
		large   *http.MaxBytesError
		address wrongAddress
	)
	switch {
	case errors.Is(err, fault.ErrNotFound):
		return problem{http.StatusNotFound, "Page not found", "It may have been deleted, or it may belong to another account."}
	case errors.Is(err, fault.ErrForbidden):
		return problem{http.StatusForbidden, "Not allowed", "Your account may not do this. Ask an admin if you need it."}
	case errors.Is(err, fault.ErrSignedOut):
		return problem{http.StatusUnauthorized, "Signed out", "You have been signed out. Sign in again in another tab, then send this again."}
	case errors.Is(err, fault.ErrCredentials):
		return problem{http.StatusUnauthorized, "Wrong e-mail address or password", "Check both, then sign in again."}
	case errors.Is(err, fault.ErrKeyReused):
		return problem{http.StatusConflict, "This form was already sent", "What you sent first is saved. Go back and reload the page to send something new."}
	case errors.Is(err, fault.ErrUnderWay):
		return problem{http.StatusConflict, "Already in progress", "The same request is still being handled. Try again in a moment."}
	case errors.Is(err, fault.ErrOwnAccount):
		return problem{http.StatusConflict, "At least one admin is needed", "Your own role, and that of the last admin, cannot be changed. Make someone else an admin first."}
	case errors.Is(err, fault.ErrUnreadableTeam):
		return problem{http.StatusForbidden, "Not allowed", "This user is in a team whose tickets you may not read, and with their password you could. Ask an admin to set it."}
	case errors.Is(err, fault.ErrInUse):
		return problem{http.StatusConflict, "This is in use", "It cannot be deleted while something uses it. Reload the page to see what does."}
	case errors.Is(err, fault.ErrTooLate):
		return problem{http.StatusConflict, "Too late for this mail", "It was sent, withdrawn or failed meanwhile. Reload the page to see its state."}
	case errors.Is(err, fault.ErrNoteTooOld):
		return problem{http.StatusConflict, "Too late to delete this note", "A note can be deleted for " + input.Duration(desk.NoteDeletable) + " after it was written. It stays as it is."}
	case errors.As(err, &stale):
		return problem{http.StatusConflict, "The ticket has changed", "Someone else changed it while you were working on it. Reload it, then make your change again."}
	case errors.As(err, &older):
		return problem{http.StatusConflict, "The settings have changed", "Another admin changed them while you were working on them. Read them again, then make your change."}
	case errors.As(err, &role):
		return problem{http.StatusConflict, "The role has changed", "Another admin changed it while you were working on it. Read it again, then make your change."}
	case errors.As(err, &team), errors.As(err, &view):
		return problem{http.StatusConflict, "This has changed", "Someone else changed it while you were working on it. Read it again, then make your change."}
	case errors.As(err, &taken):
		return problem{http.StatusConflict, "Someone else was faster", taken.Text() + " Nothing was changed."}
	case errors.As(err, &unseen):
		return problem{http.StatusConflict, "New comments arrived", "Nothing was sent. Read what is new on the ticket, then send yours."}
	case errors.As(err, &other):
		return problem{http.StatusConflict, "A different account is signed in", "This page was opened from another account, so nothing was sent or changed."}
	case errors.Is(err, fault.ErrTooLarge), errors.As(err, &large), isBeyondLimits(err):
		return problem{http.StatusRequestEntityTooLarge, "Too large", "Send fewer or smaller files, or a shorter text."}
	case errors.As(err, &limited):
		return problem{http.StatusTooManyRequests, "Too many attempts", "Try again in " + DurationText(limited.RetryAfter) + "."}
	case errors.Is(err, live.ErrTooMany):
		return problem{http.StatusTooManyRequests, "Too many open pages", "This page updates more slowly than the others."}
	case errors.As(err, &inv), isBadText(err):
		return problem{http.StatusUnprocessableEntity, "Check what you entered", fieldMessages(inv)}
	case errors.As(err, &address) && address.public == "":
		return problem{http.StatusForbidden, "This desk's address is not set up", "Nothing was changed. The desk does not know the address at which you opened it. Tell the people who run it: PUBLIC_URL has to be that address."}
	case errors.As(err, &address):
		return problem{http.StatusForbidden, "This is not the desk's address", "Nothing was changed. Open the desk at " + address.public + " and do it there."}
	case errors.As(err, &httpErr):
		return httpProblem(httpErr)
	case isGone(err):
		return problem{Status: StatusClientClosed}
	case errors.Is(err, fault.ErrBusy):
		return problem{http.StatusServiceUnavailable, "The desk is busy", "Too much is going on at once. Try again in a few seconds."}
	case isFull(err):
		return problem{http.StatusInsufficientStorage, "No room left", "The disk of the desk is full. It is not your mistake. Try again later."}
	case errors.Is(err, fault.ErrFileMissing):
		return problem{http.StatusInternalServerError, "This file cannot be read", "Its content is missing on our side. Tell us the reference, and we can look for it."}
	case errors.Is(err, fault.ErrStorage):
		return problem{http.StatusServiceUnavailable, "Files are not available", "Files can be neither saved nor opened right now. It is not your mistake. Try again in a minute."}
	case isReadOnly(err):
		return problem{http.StatusServiceUnavailable, "Nothing can be saved right now", "The desk can only be read for the moment, so nothing was changed. Try again in a minute."}
	case isUnavailable(err):
		return problem{http.StatusServiceUnavailable, "Temporarily unavailable", "The desk cannot reach its database right now. Try again in a moment."}
	}
	return problem{http.StatusInternalServerError, "Something went wrong on our side", "Try again in a moment. If it fails once more, tell us the reference and we can find the cause."}
}
