package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// ListComments gives a ticket's comments in their order.
func (s *API) ListComments(c echo.Context) error {
	return s.listSaid(c, desk.KindComment, func(id int64, said desk.AuthoredEntry) any { return web.NewJSONComment(id, said, web.ActorOf(c)) })
}

// AddComment adds a comment.
func (s *API) AddComment(c echo.Context) error {
	return apiSay(s, c, func(id int64, key string, in desk.CommentInput) (desk.Event, error) {
		in.SubmissionID = key
		return s.Desk.Comments.Add(c.Request().Context(), web.ActorOf(c), id, in)
	}, func(id int64, said desk.AuthoredEntry) any { return web.NewJSONComment(id, said, web.ActorOf(c)) })
}

// ListMessages gives a ticket's chat lines in their order.
func (s *API) ListMessages(c echo.Context) error {
	return s.listSaid(c, desk.KindMessage, func(id int64, said desk.AuthoredEntry) any { return web.NewJSONMessage(id, said) })
}

// JSONMessageInput is a chat line as the first system's programs send it.
type JSONMessageInput struct {
	desk.MessageInput
	SenderID int `form:"senderId" json:"senderId" doc:"Need not be said: it is you. Another’s is refused."`
	TicketID int `form:"ticketId" json:"ticketId" doc:"Need not be said: it is the one in the address."`
}

// isHonest is nil where the line is the actor's own, for the ticket of the address.
func (l JSONMessageInput) isHonest(actor account.Actor, ticketID int64) error {
	switch {
	case l.SenderID != 0 && int64(l.SenderID) != actor.ID:
		return &fault.Invalid{Fields: []fault.FieldError{{Field: "senderId", Message: "This is another account. Nothing was stored."}}}
	case l.TicketID != 0 && int64(l.TicketID) != ticketID:
		return &fault.Invalid{Fields: []fault.FieldError{{Field: "ticketId", Message: "The address names another ticket. Nothing was stored."}}}
	}
	return nil
}

// SendMessage adds a chat line. Its clientMsgId makes it one however often it is sent.
func (s *API) SendMessage(c echo.Context) error {
	return apiSay(s, c, func(id int64, key string, in JSONMessageInput) (desk.Event, error) {
		if err := in.isHonest(web.ActorOf(c), id); err != nil {
			return desk.Event{}, err
		}
		if in.SubmissionID == "" {
			in.SubmissionID = key
		}
		return s.Desk.Comments.Add(c.Request().Context(), web.ActorOf(c), id, in.MessageInput)
	}, func(id int64, said desk.AuthoredEntry) any { return web.NewJSONMessage(id, said) })
}

// apiSay reads what somebody says on a ticket, stores it and answers with it.
func apiSay[In any](s *API, c echo.Context, say func(id int64, key string, in In) (desk.Event, error), draw func(id int64, said desk.AuthoredEntry) any) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	return s.receive(c, "", func(got sent) error {
		var in In
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		return s.once(c, got, func() (int, any, error) {
			e, err := say(id, submissionKey(c, got), in)
			if err != nil {
				return 0, nil, asAPI(err, in)
			}
			return http.StatusCreated, draw(id, web.SaidBy(web.ActorOf(c), e)), nil
		})
	})
}
