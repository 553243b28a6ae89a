package handlers

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
)

// apiNotification tells of the newest events of a ticket.
type apiNotification struct {
	ID        int64    `json:"id" doc:"The number of the ticket: there is one notification for each."`
	TicketID  int64    `json:"ticketId"`
	Subject   string   `json:"subject" doc:"Of the ticket."`
	Kind      string   `json:"kind" enum:"opened comment message status" doc:"What happened: the ticket was opened, answered by a comment or a chat message, or its status was set."`
	Author    string   `json:"author" doc:"Who did it."`
	Status    *string  `json:"status" doc:"The new status; null for the other kinds."`
	Seq       int64    `json:"seq" doc:"The newest event in the ticket's log."`
	FirstSeq  int64    `json:"firstSeq" doc:"The oldest event that is unread, or was when it was marked as read."`
	Events    int32    `json:"events" doc:"How many there are."`
	Unread    bool     `json:"unread"`
	CreatedAt jsonTime `json:"createdAt" doc:"When the newest event happened."`
}

func notificationJSON(n desk.Notification) apiNotification {
	out := apiNotification{ID: n.TicketID, TicketID: n.TicketID, Subject: n.Subject, Kind: string(n.Kind), Author: n.Author,
		Seq: n.Seq, FirstSeq: n.FirstSeq, Events: n.Events, Unread: n.Unread, CreatedAt: jsonTime(n.CreatedAt)}
	if n.Status != "" {
		out.Status = &n.Status
	}
	return out
}

// apiListNotifications lists the actor's notifications, the newest first. Unlike the
// lists of the first system it is never whole: there is one for each ticket of the last months.
func (s *server) apiListNotifications(c echo.Context) error {
	want, err := readSpan(c)
	if err != nil {
		return err
	}
	page, err := s.desk.Notifications.List(c.Request().Context(), actorOf(c), want.after, want.limit)
	if err != nil {
		return err
	}
	out := make([]apiNotification, len(page.Rows))
	for i, n := range page.Rows {
		out[i] = notificationJSON(n)
	}
	if page.Before != 0 {
		query := url.Values{"after": {strconv.FormatInt(page.Before, 10)}}
		if want.limit != 0 {
			query.Set("limit", strconv.Itoa(want.limit))
		}
		c.Response().Header().Set("Link", "<"+c.Request().URL.Path+"?"+query.Encode()+`>; rel="next"`)
	}
	return sendJSON(c, http.StatusOK, out)
}

// apiReadNotification marks the notification of a ticket as read.
func (s *server) apiReadNotification(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.desk.Notifications.Read(c.Request().Context(), actorOf(c), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// apiReadNotifications marks all of the actor's notifications as read.
func (s *server) apiReadNotifications(c echo.Context) error {
	if _, err := s.desk.Notifications.ReadAll(c.Request().Context(), actorOf(c), 0); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
