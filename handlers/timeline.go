package handlers

import (
	"cmp"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/views"
)

// showTicket is the page of a ticket; ?before=SEQ shows the entries before that place.
func (s *server) showTicket(c echo.Context) error {
	page, err := s.ticketPage(c, place(c, "before"))
	if err != nil {
		return err
	}
	s.restoreForms(c, page)
	return s.answerTicket(c, http.StatusOK, page, views.Ticket(page))
}

// listEvents is what is new after a place: as a page, the ticket with those
// entries marked; as a fragment, those entries alone.
func (s *server) listEvents(c echo.Context) error {
	if isPartial(c) {
		return s.showNews(c, place(c, "after"))
	}
	page, err := s.ticketPage(c, 0)
	if err != nil {
		return err
	}
	page.Since = place(c, "after")
	return s.answerTicket(c, http.StatusOK, page, views.Ticket(page))
}

// showNews is what a page polls for where it has no socket.
func (s *server) showNews(c echo.Context, after int64) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), actorOf(c)
	t, err := s.desk.Tickets.Get(ctx, actor, id)
	if err != nil {
		return err
	}
	facts := place(c, "facts") // up to there the page has the ticket's facts as they were
	news, err := s.desk.Log.News(ctx, []desk.Place{{TicketID: id, Seq: cmp.Or(facts, after), Upto: t.LastSeq}})
	if err != nil {
		return err
	}
	if facts > 0 {
		news[0].Ticket = &t
	}
	if facts == 0 {
		s.visit(c, t)
	}
	if seen := place(c, "seen"); seen > 0 {
		if err := s.see(c, t, seen); err != nil {
			return err
		}
	}
	page := views.NewsPage{TicketID: id, News: news[0]}
	if actor.Can(account.TriageTickets) && news[0].Ticket != nil {
		if page.Categories, err = s.desk.Categories.List(ctx); err != nil {
			return err
		}
	}
	if facts > 0 {
		return s.renderUnasked(c, views.TicketFacts(page, after))
	}
	return s.renderUnasked(c, views.TicketPolled(page, s.present(id, desk.SideOf(actor, t) == desk.StaffSide)))
}

// ticketPage reads what the page of the ticket in the path shows, with empty forms.
func (s *server) ticketPage(c echo.Context, before int64) (*views.TicketPage, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return nil, err
	}
	ctx, actor := c.Request().Context(), actorOf(c)
	t, err := s.desk.Log.Timeline(ctx, actor, id, desk.TimelineRange{Before: before})
	if err != nil {
		return nil, err
	}
	if t.Read.Notified && !t.Later {
		readOne(c)
	}
	page := &views.TicketPage{
		Timeline: t, Since: t.Read.Seq, MaxUpload: s.desk.Files.MaxUpload(),
		Comment:  views.CommentForm{SubmissionID: newSubmissionID()},
		Message:  views.MessageForm{SubmissionID: newSubmissionID()},
		Presence: s.present(id, desk.SideOf(actor, t.Ticket) == desk.StaffSide),
	}
	if actor.Can(account.TriageTickets) {
		page.Categories, err = s.desk.Categories.List(ctx)
	}
	return page, err
}

// restoreForms brings back what was typed on this page before the session ended.
func (s *server) restoreForms(c echo.Context, page *views.TicketPage) {
	f, ok := s.kept(c)
	switch {
	case !ok:
	case f.get("kind") == "chat":
		page.Message.Text = f.get("text")
	case f.get("status") != "":
		var in desk.TriageInput
		bind(f, &in)
		page.Triage, _ = triageAgain(in, nil)
		page.Triage.Stale = f.get("version") != strconv.Itoa(int(page.Timeline.Ticket.Version))
	default:
		page.Comment.Text = f.get("text")
	}
}

// answerTicket sends the page, or a part of it, and notes how far it was read.
// Who asks for the head alone, or looks at earlier entries, has read nothing new.
func (s *server) answerTicket(c echo.Context, status int, page *views.TicketPage, part templ.Component) error {
	if err := s.render(c, status, part); err != nil {
		return err
	}
	t := page.Timeline
	if c.Request().Method == http.MethodHead || t.Later {
		return nil
	}
	return s.desk.Log.MarkRead(c.Request().Context(), actorOf(c), t.Ticket.ID, t.Last(), t.Read)
}

// showAgain shows a form of the page that did not go through, as fill left it:
// to htmx the form alone, else the whole page.
func (s *server) showAgain(c echo.Context, status int, part func(*views.TicketPage) templ.Component, fill func(*views.TicketPage)) error {
	page, err := s.ticketPage(c, 0)
	if err != nil {
		return err
	}
	fill(page)
	if isPartial(c) {
		return s.render(c, status, part(page))
	}
	return s.render(c, status, views.Ticket(page))
}

// said answers a line that went through: a script gets its place, htmx its form
// empty again, and others go to the new entry. What it changed on the page comes
// to a script as news.
func (s *server) said(c echo.Context, id int64, e desk.Event, flash string, form func(*views.TicketPage) templ.Component) error {
	s.presence.Wrote(topicOf(topicTicket, id), e.AuthorID)
	switch {
	case wantsJSON(c):
		return c.JSON(http.StatusCreated, map[string]int64{"seq": e.Seq})
	case isPartial(c):
		return s.showPart(c, form, func(p *views.TicketPage) { p.Comment.SentSeq = e.Seq })
	}
	return s.done(c, ticketURL(id)+"#s"+strconv.FormatInt(e.Seq, 10), flash)
}

// showPart answers htmx after a deed with the part of the page that was sent.
func (s *server) showPart(c echo.Context, part func(*views.TicketPage) templ.Component, fill func(*views.TicketPage)) error {
	page, err := s.ticketPage(c, 0)
	if err != nil {
		return err
	}
	fill(page)
	return s.render(c, http.StatusOK, templ.Join(part(page), views.FlashToast()))
}

// place reads a place in the log from the query; what is none is 0.
func place(c echo.Context, name string) int64 {
	n, err := strconv.ParseInt(c.QueryParam(name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func ticketURL(id int64) string { return "/tickets/" + strconv.FormatInt(id, 10) }
