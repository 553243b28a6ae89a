package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/live"
	"frontdesk/internal/savedview"
	"frontdesk/internal/settings"
)

// Problem is the answer to an error: of pages, and of the API.
type Problem struct {
	Status         int
	Title, Text    string
	APIStatus      int
	CustomerStatus int    // that of the API for a customer who names one ticket
	APIText        string // {method} is the method of the request
}

// row is one row of the error table.
type row struct {
	when func(err error) bool
	then Problem
	fill func(p *Problem, err error) // sets what depends on the error; nil if nothing does
}

// ErrPassword is [fault.ErrCredentials] for an API client that has sent an address and a password, and not
// a token.
var ErrPassword = fmt.Errorf("sign in: %w", fault.ErrCredentials)

// wrongPassword is the problem of [ErrPassword] and [fault.ErrCredentials].
var wrongPassword = problem(http.StatusUnauthorized, "Wrong e-mail address or password", "Check both, then sign in again.")

// Texts of more than one row.
const (
	notFound      = "It may have been deleted, or it may belong to another account."
	tooLarge      = "Send fewer or smaller files, or a shorter text."
	badText       = "This contains characters that cannot be saved. Type it again, or paste it as plain text."
	apiWantsToken = "Send a valid bearer token: sign in at /api/auth/login to get one."
	apiFailed     = "Something went wrong on our side."
)

// errorTable has the status and the words of each error. The first row that matches applies. As in
// the first system, the API answers invalid input with 400, and a customer gets 403 for a ticket that
// does not exist.
var errorTable = []row{
	{when: is(fault.ErrNotFound), then: problem(http.StatusNotFound, "Page not found", notFound).
		inAPI(http.StatusNotFound, "Not found, or not visible to your account.").forCustomer(http.StatusForbidden)},
	{when: is(fault.ErrForbidden), then: problem(http.StatusForbidden, "Not allowed", "Your account may not do this. Ask an admin if you need it.")},
	{when: is(fault.ErrSignedOut), then: problem(http.StatusUnauthorized, "Signed out", "You have been signed out. Sign in again in another tab, then send this again.").
		inAPI(http.StatusUnauthorized, apiWantsToken)},
	{when: is(ErrPassword), then: wrongPassword.inAPI(http.StatusUnauthorized, wrongPassword.Title+".")},
	{when: is(fault.ErrCredentials), then: wrongPassword.inAPI(http.StatusUnauthorized, apiWantsToken)},
	{when: is(fault.ErrKeyReused), then: problem(http.StatusConflict, "This form was already sent", "What you sent first is saved. Go back and reload the page to send something new.").
		inAPI(http.StatusUnprocessableEntity, "This Idempotency-Key (or clientMsgId) was used for a different request. Use a new one for each request.")},
	{when: is(fault.ErrUnderWay), then: problem(http.StatusConflict, "Already in progress", "The same request is still being handled. Try again in a moment.")},
	{when: is(fault.ErrEmailTaken), then: problem(http.StatusConflict, "This address is taken", "It already has an account. Sign in, or use another address.").
		inAPI(http.StatusConflict, "This address already has an account: sign in.")},
	{when: is(fault.ErrOwnAccount), then: problem(http.StatusConflict, "At least one admin is needed", "Your own role, and that of the last admin, cannot be changed. Make someone else an admin first.")},
	{when: is(fault.ErrUnreadableTeam), then: problem(http.StatusForbidden, "Not allowed", "This user is in a team whose tickets you may not read, and with their password you could. Ask an admin to set it.")},
	{when: is(fault.ErrInUse), then: problem(http.StatusConflict, "This is in use", "It cannot be deleted while something uses it. Reload the page to see what does.")},
	{when: is(fault.ErrTooLate), then: problem(http.StatusConflict, "Too late for this mail", "It was sent, withdrawn or failed meanwhile. Reload the page to see its state.")},
	{when: is(fault.ErrNoteTooOld), then: problem(http.StatusConflict, "Too late to delete this note", "A note can be deleted for "+input.Duration(desk.NoteDeletable)+" after it was written. It stays as it is.")},
	{when: has[*desk.Stale], then: problem(http.StatusConflict, "The ticket has changed", "Someone else changed it while you were working on it. Reload it, then make your change again.")},
	{when: has[*settings.Stale], then: problem(http.StatusConflict, "The settings have changed", "Another user changed them while you were working on them. Read them again, then make your change.")},
	{when: has[*account.StaleRole], then: problem(http.StatusConflict, "The role has changed", "Another user changed it while you were working on it. Read it again, then make your change.")},
	{when: either(has[*desk.StaleTeam], has[*savedview.Stale]), then: problem(http.StatusConflict, "This has changed", "Someone else changed it while you were working on it. Read it again, then make your change.")},
	{when: has[*desk.Taken], then: problem(http.StatusConflict, "Someone else was faster", ""),
		fill: text(func(e *desk.Taken) string { return e.Text() + " Nothing was changed." })},
	{when: has[*desk.Unseen], then: problem(http.StatusConflict, "New comments arrived", "Nothing was sent. Read what is new on the ticket, then send yours.")},
	{when: has[*senderMismatch], then: problem(http.StatusConflict, "A different account is signed in", "This page was opened from another account, so nothing was sent or changed.")},
	{when: either(is(fault.ErrTooLarge), has[*http.MaxBytesError], isBeyondLimits), then: problem(http.StatusRequestEntityTooLarge, "Too large", tooLarge)},
	{when: has[*fault.Limited], then: problem(http.StatusTooManyRequests, "Too many attempts", ""),
		fill: text(func(e *fault.Limited) string { return "Try again in " + DurationText(e.RetryAfter) + "." })},
	{when: is(live.ErrTooMany), then: problem(http.StatusTooManyRequests, "Too many open pages", "This page updates more slowly than the others.")},
	{when: has[*fault.Invalid], then: problem(http.StatusUnprocessableEntity, "Check what you entered", "").inAPI(http.StatusBadRequest, ""), fill: text(fieldMessages)},
	{when: isBadText, then: problem(http.StatusUnprocessableEntity, "Check what you entered", badText).
		inAPI(http.StatusBadRequest, "Check what you entered. "+badText)},
	{when: isWithoutAddress, then: problem(http.StatusForbidden, "This desk's address is not set up", "Nothing was changed. The desk does not know the address at which you opened it. Tell the people who run it: PUBLIC_URL has to be that address.")},
	{when: has[wrongAddress], then: problem(http.StatusForbidden, "This is not the desk's address", ""), fill: text(wrongAddress.text)},
	{when: has[*echo.HTTPError], fill: fillHTTP},
	{when: isGone, then: Problem{Status: StatusClientClosed}},
	{when: is(fault.ErrBusy), then: problem(http.StatusServiceUnavailable, "The desk is busy", "Too much is going on at once. Try again in a few seconds.")},
	{when: isFull, then: problem(http.StatusInsufficientStorage, "No room left", "The disk of the desk is full. It is not your mistake. Try again later.")},
	{when: is(fault.ErrFileMissing), then: problem(http.StatusInternalServerError, "This file cannot be read", "Its content is missing on our side. Tell us the reference, and we can look for it.").
		inAPI(http.StatusInternalServerError, apiFailed)},
	{when: is(fault.ErrStorage), then: problem(http.StatusServiceUnavailable, "Files are not available", "Files can be neither saved nor opened right now. It is not your mistake. Try again in a minute.")},
	{when: isReadOnly, then: problem(http.StatusServiceUnavailable, "Nothing can be saved right now", "The desk can only be read for the moment, so nothing was changed. Try again in a minute.")},
	{when: isUnavailable, then: problem(http.StatusServiceUnavailable, "Temporarily unavailable", "The desk cannot reach its database right now. Try again in a moment.")},
}

// Table returns the problem of an error, for the errors that handlers return. A handler that
// shows a form again, with the failure beside a field, answers with the same status.
func Table(err error) Problem {
	for _, r := range errorTable {
		if !r.when(err) {
			continue
		}
		p := r.then
		if r.fill != nil {
			r.fill(&p, err)
		}
		return p
	}
	return problem(http.StatusInternalServerError, "Something went wrong on our side", "Try again in a moment. If it fails once more, tell us the reference and we can find the cause.").
		inAPI(http.StatusInternalServerError, apiFailed)
}

// problem returns a Problem with one status, whose text in the API is the title and the text.
func problem(status int, title, text string) Problem {
	return Problem{status, title, text, status, status, title + ". " + text}
}

// inAPI returns the problem with another status and another text in the API.
func (p Problem) inAPI(status int, text string) Problem {
	p.APIStatus, p.CustomerStatus, p.APIText = status, status, text
	return p
}

// forCustomer returns the problem with another status for a customer who names one ticket.
func (p Problem) forCustomer(status int) Problem {
	p.CustomerStatus = status
	return p
}

// is returns a condition: the error is target.
func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

// has reports whether an error is one of the type E.
func has[E error](err error) bool { return errors.As(err, new(E)) }

// either returns a condition: one of the conditions is true.
func either(conditions ...func(error) bool) func(error) bool {
	return func(err error) bool {
		return slices.ContainsFunc(conditions, func(holds func(error) bool) bool { return holds(err) })
	}
}

// text returns a function that sets the text of a problem to a text of the error of the type E.
func text[E error](of func(E) string) func(*Problem, error) {
	return func(p *Problem, err error) {
		var e E
		errors.As(err, &e)
		p.Text = of(e)
		p.APIText = p.Title + ". " + p.Text
	}
}

// fillHTTP sets the problem of an error with a status of its own.
func fillHTTP(p *Problem, err error) {
	var e *echo.HTTPError
	errors.As(err, &e)
	message := fmt.Sprint(e.Message)
	switch e.Code {
	case http.StatusNotFound:
		*p = problem(e.Code, "Page not found", notFound).inAPI(e.Code, "There is no such endpoint.")
	case http.StatusMethodNotAllowed:
		*p = problem(e.Code, "That does not work here", "Go back and use the links and buttons of the page.").
			inAPI(e.Code, "This endpoint does not accept {method}.")
	case http.StatusRequestEntityTooLarge:
		*p = problem(e.Code, "Too large", tooLarge).inAPI(e.Code, tooLarge)
	case http.StatusForbidden:
		*p = problem(e.Code, "Request from another site", message).inAPI(e.Code, message)
	default:
		*p = problem(e.Code, "That could not be read", message).inAPI(e.Code, message)
	}
}
