package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
)

// Comments has the endpoints of comments and chat messages.
type Comments struct{ *core }

// List lists a ticket's comments, the oldest first.
func (s *Comments) List(c echo.Context) error {
	return s.listEntries(c, event.KindComment, func(id int64, e desk.AuthoredEntry) any { return web.NewJSONComment(id, e, web.ActorOf(c)) })
}

// Add adds a comment.
func (s *Comments) Add(c echo.Context) error {
	if err := s.checkUpload(c, desk.ToReply); err != nil {
		return err
	}
	return addEntry(s.core, c, "attachment", func(id int64, key string, in desk.CommentInput) (any, error) {
		in.SubmissionID = key
		actor := web.ActorOf(c)
		e, err := s.Desk.Comments.Add(c.Request().Context(), actor, id, in)
		return web.NewJSONComment(id, web.AuthoredBy(actor, e), actor), err
	})
}

// ListMessages lists a ticket's chat messages, the oldest first.
func (s *Comments) ListMessages(c echo.Context) error {
	return s.listEntries(c, event.KindMessage, func(id int64, e desk.AuthoredEntry) any { return web.NewJSONMessage(id, e) })
}

// JSONMessageInput is a chat message as clients of the first system send it.
type JSONMessageInput struct {
	desk.MessageInput
	SenderID int64 `form:"senderId" json:"senderId" doc:"Optional. It has to be your own id."`
	TicketID int64 `form:"ticketId" json:"ticketId" doc:"Optional. It has to be the ticket in the address."`
}

// Send adds a chat message. Sent again with the same clientMsgId, it is stored once.
func (s *Comments) Send(c echo.Context) error {
	return addEntry(s.core, c, "", func(id int64, key string, in JSONMessageInput) (any, error) {
		actor := web.ActorOf(c)
		if err := web.CheckMessageIDs(actor, id, in.SenderID, in.TicketID); err != nil {
			return nil, err
		}
		if in.SubmissionID == "" {
			in.SubmissionID = key
		}
		e, err := s.Desk.Comments.Add(c.Request().Context(), actor, id, in.MessageInput)
		return web.NewJSONMessage(id, web.AuthoredBy(actor, e)), err
	})
}

// checkUpload checks before a file is read whether the actor may perform act on the ticket. Bodies without
// a file are checked when the entry is stored.
func (s *core) checkUpload(c echo.Context, act desk.Act) error {
	if kind, _, _ := web.ContentType(c.Request()); kind != echo.MIMEMultipartForm {
		return nil
	}
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	t, err := s.Desk.Tickets.Get(c.Request().Context(), web.ActorOf(c), id)
	if err == nil && !desk.May(web.ActorOf(c), act, t) {
		err = fault.ErrForbidden
	}
	return err
}

// addEntry reads the input of a comment, a message or a note, stores it with add, and answers with
// the result. fileField is the field of a file, or "".
func addEntry[In any](s *core, c echo.Context, fileField string, add func(id int64, key string, in In) (any, error)) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	return s.receive(c, fileField, func(got requestData) error {
		var in In
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		got.ticketID = id
		return s.idempotent(c, got, func() (int, any, error) {
			added, err := add(id, submissionKey(c, got), in)
			if err != nil {
				return 0, nil, asAPI(err, in)
			}
			return http.StatusCreated, added, nil
		})
	})
}
