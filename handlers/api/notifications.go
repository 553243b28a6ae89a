package api

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
)

// Notifications has the endpoints of the actor's notifications.
type Notifications struct{ *core }

// JSONNotification is the notification of the newest events of a ticket.
type JSONNotification struct {
	ID        int64        `json:"id" doc:"The number of the ticket: there is one notification for each."`
	TicketID  int64        `json:"ticketId"`
	Subject   string       `json:"subject" doc:"Of the ticket."`
	Kind      string       `json:"kind" enum:"opened comment message status note assignment" doc:"What happened: the ticket was opened, answered by a comment or a chat message, or its status was set; for staff also that a note was written, or that the ticket was assigned to them."`
	Author    string       `json:"author" doc:"Who did it; you yourself if the desk assigned the ticket to you in turn."`
	Status    *string      `json:"status" doc:"The new status; null for the other kinds."`
	Seq       int64        `json:"seq" doc:"The newest event in the ticket's log."`
	FirstSeq  int64        `json:"firstSeq" doc:"The oldest event that is unread, or was when it was marked as read."`
	Events    int32        `json:"events" doc:"How many there are."`
	Unread    bool         `json:"unread"`
	CreatedAt web.JSONTime `json:"createdAt" doc:"When the newest event happened."`
}

// notificationJSON returns a notification as the API writes it.
func notificationJSON(n desk.Notification) JSONNotification {
	out := JSONNotification{ID: n.TicketID, TicketID: n.TicketID, Subject: n.Subject, Kind: string(n.Kind), Author: n.Author,
		Seq: n.Seq, FirstSeq: n.FirstSeq, Events: n.Events, Unread: n.Unread, CreatedAt: web.JSONTime(n.CreatedAt)}
	if n.Status != "" {
		out.Status = &n.Status
	}
	return out
}

// List lists the actor's notifications, the newest first. Unlike the
// lists of the first system it always has a limit, because there is a notification for each
// ticket of the last months.
func (s *Notifications) List(c echo.Context) error {
	want, err := readPageRange(c)
	if err != nil {
		return err
	}
	page, err := s.Desk.Notifications.List(c.Request().Context(), web.ActorOf(c), want.After, want.Limit)
	if err != nil {
		return err
	}
	out := make([]JSONNotification, len(page.Rows))
	for i, n := range page.Rows {
		out[i] = notificationJSON(n)
	}
	if page.Before != 0 {
		query := url.Values{"after": {strconv.FormatInt(page.Before, 10)}}
		if want.Limit != 0 {
			query.Set("limit", strconv.Itoa(want.Limit))
		}
		c.Response().Header().Set("Link", "<"+c.Request().URL.Path+"?"+query.Encode()+`>; rel="next"`)
	}
	return sendJSON(c, http.StatusOK, out)
}

// Read marks the notification of a ticket as read.
func (s *Notifications) Read(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.Desk.Notifications.Read(c.Request().Context(), web.ActorOf(c), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// ReadAll marks all of the actor's notifications as read.
func (s *Notifications) ReadAll(c echo.Context) error {
	if _, err := s.Desk.Notifications.ReadAll(c.Request().Context(), web.ActorOf(c), 0); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
