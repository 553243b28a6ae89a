package views

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/views/ui"
)

// TicketPage is the data of the page of one ticket.
type TicketPage struct {
	Timeline   desk.Timeline
	Categories []desk.Category // for the triage form of staff
	Since      int64           // entries of other users above this sequence number are marked as new; 0 marks none
	MaxUpload  int64           // bytes a file
	Comment    CommentForm
	Note       NoteFields
	Followers  []desk.Follower // for staff
	Others     desk.Others     // for staff: other tickets of the requester
	Mailed     bool            // for staff: the requester gets answers by mail, too
	Message    MessageForm
	Lost       []Typed // the texts of a kept form that the user may not send any more
	Triage     TriageForm
	Assignment AssignmentForm
	Presence   Presence    // who is here
	View       *TicketView // the view in which staff opened the ticket; nil for none
}

// chatDays returns the chat messages of the page, by day.
func (p *TicketPage) chatDays(f *ui.Frame) []chatDay {
	days := chatDays(p.Timeline.Entries, f.Actor.ID, f.Location)
	if !desk.SeesInternal(f.Actor, p.ticket()) {
		return days
	}
	return addDeliveryStatuses(f, &p.Timeline.Ticket, days)
}

// CommentForm is the data of the comment form.
type CommentForm struct {
	Text, SubmissionID string
	Files              []desk.Attachment // uploaded with an attempt that failed
	Notice             string            // why it was not sent, if no field has an error
	SentSeq            int64             // the sequence number of the comment that was just sent; 0 for none
	Seen               int64             // the sequence number up to which the user has seen the log; 0 means all of this page
	Then               string            // what the user chose to do as well, see [sendingWay]
	Stays              bool              // the user does not want an open ticket to get in progress
	Unseen             *desk.Unseen      // comments that arrived while it was written
	Invalid            *fault.Invalid
}

// MessageForm is the data of the chat form.
type MessageForm struct {
	Text, SubmissionID string
	Notice             string
	Invalid            *fault.Invalid
}

// invalid returns the errors of the form. Its field has the same name as that of the comment
// form, "text", and the id "message".
func (f MessageForm) invalid() *fault.Invalid {
	return f.Invalid.Renamed(func(field string) string {
		if field == "text" {
			return "message"
		}
		return field
	})
}

// TriageForm is the choices in the triage form. The zero value shows the ticket as it is.
type TriageForm struct {
	Status, Priority, Category string
	Stale                      bool   // the ticket changed while the user was choosing
	Notice                     string // why it was not saved, if no field has an error
	Invalid                    *fault.Invalid
}

func (p *TicketPage) ticket() desk.Ticket { return p.Timeline.Ticket }

// url returns the path of the ticket, followed by below.
func (p *TicketPage) url(below string) string {
	return "/tickets/" + strconv.FormatInt(p.ticket().ID, 10) + below
}

// act returns the address of a form of the page, which keeps the view.
func (p *TicketPage) act(below string) string { return p.url(below) + p.query() }

// swaps returns the attributes of a form that adds an entry: htmx swaps the target. A page of
// earlier entries does not show the new one, so that its forms load the page with it.
func (p *TicketPage) swaps(below, target string) templ.Attributes {
	if p.Timeline.Later {
		return nil
	}
	return templ.Attributes{"hx-post": p.act(below), "hx-target": target, "hx-swap": "outerHTML"}
}

// query returns the query of the page's address, with its question mark, or "".
func (p *TicketPage) query() string {
	if p.View == nil {
		return ""
	}
	_, query, _ := strings.Cut(p.View.URL(p.ticket().ID), "?")
	return "?" + query
}

// earlier returns the address of the page with the entries before a sequence number.
func (p *TicketPage) earlier(seq int64) string {
	return p.url("?before=") + strconv.FormatInt(seq, 10) + strings.Replace(p.query(), "?", "&", 1)
}

func (p *TicketPage) link(below string) templ.SafeURL { return templ.SafeURL(p.url(below)) }

// invalid returns the errors of the form that was refused, by the ids of its fields.
func (p *TicketPage) invalid() *fault.Invalid {
	for _, inv := range []*fault.Invalid{p.Comment.Invalid, p.Note.invalid(), p.Message.invalid(), p.Triage.Invalid, p.Assignment.Invalid} {
		if inv != nil {
			return inv
		}
	}
	return nil
}

// failed returns the title of the error summary.
func (p *TicketPage) failed() string {
	switch {
	case p.Comment.Invalid != nil:
		return "Comment not sent"
	case p.Note.Invalid != nil:
		return "Note not saved"
	case p.Message.Invalid != nil:
		return "Message not sent"
	}
	return "Ticket not saved"
}

// seen returns the sequence number up to which the author of a comment has seen the log.
func (p *TicketPage) seen() int64 {
	switch {
	case p.Comment.Seen != 0 && p.Comment.Unseen == nil: // otherwise the page says what they have not seen
		return p.Comment.Seen
	case p.Comment.SentSeq != 0: // the form is swapped alone; the updates follow
		return p.Comment.SentSeq
	}
	return max(p.Timeline.Last(), p.Timeline.Read.Seq) // a page of earlier entries is for a user who has read the later ones
}

// unsent returns why a form of the page was not sent, if no field has an error, and the link to
// the form.
func (p *TicketPage) unsent(a account.Actor) (why, form string) {
	switch {
	case p.Comment.Unseen != nil:
		return arrived(*p.Comment.Unseen), "#reply"
	case p.Comment.Notice != "":
		return p.Comment.Notice, "#reply"
	case p.Note.Notice != "":
		return p.Note.Notice, "#note"
	case p.Triage.Notice != "":
		return p.Triage.Notice, p.triagePart(a)
	case p.Assignment.Notice != "":
		return p.Assignment.Notice, "#assignment"
	}
	return p.Message.Notice, "#chat-form"
}

func (p *TicketPage) isUnsent(a account.Actor) bool {
	why, _ := p.unsent(a)
	return why != ""
}

// hasStaffDetails reports whether the details beside the ticket are those for staff: for all who see internal events, and for
// requesters who may triage their own ticket.
func hasStaffDetails(a account.Actor, t desk.Ticket) bool {
	return desk.SeesInternal(a, t) || desk.May(a, desk.ToTriage, t)
}

// triagePart returns the link to where the status is changed: for the requester, the button "This
// is solved" in the details.
func (p *TicketPage) triagePart(a account.Actor) string {
	if desk.May(a, desk.ToTriage, p.ticket()) {
		return "#triage"
	}
	return "#facts"
}

// fresh returns how many entries are new to the reader.
func (p *TicketPage) fresh(reader int64) int {
	if p.Since == 0 || p.Since >= p.Timeline.Last() {
		return 0 // most pages
	}
	for _, item := range timelineItems(p.Timeline.Entries, p.Since, reader) {
		if item.fresh > 0 {
			return max(item.fresh, p.unread())
		}
	}
	return 0
}

// unread returns how many entries other users wrote since the last visit, also those before
// the ones shown. It is 0 if the page marks the entries after another sequence number.
func (p *TicketPage) unread() int {
	if p.Timeline.Later || p.Since != p.Timeline.Read.Seq {
		return 0
	}
	return int(p.Timeline.Read.Unread)
}

// live returns the attributes with which the script follows the log: the last entry on the
// page and the addresses of the updates. A page of earlier entries has none.
func (p *TicketPage) live() templ.Attributes {
	if p.Timeline.Later {
		return nil
	}
	return templ.Attributes{
		"data-chat": p.url("/chat"), "data-events": p.url("/events"), "data-seq": strconv.FormatInt(p.Timeline.Last(), 10),
	}
}

// lastAnswer returns the time of the last comment or message of staff among the entries shown,
// or the zero time.
func (p *TicketPage) lastAnswer() time.Time {
	for i := len(p.Timeline.Entries) - 1; i >= 0; i-- {
		e := &p.Timeline.Entries[i]
		if (e.Kind == event.KindComment || e.Kind == event.KindMessage) && writtenBy(&p.Timeline.Ticket, e) == "staff" {
			return e.CreatedAt
		}
	}
	return time.Time{}
}

// lastBy returns the sequence number of the actor's last entry of a kind among those shown, or 0.
func (p *TicketPage) lastBy(a account.Actor, kind event.Kind) int64 {
	for i := len(p.Timeline.Entries) - 1; i >= 0; i-- {
		if e := &p.Timeline.Entries[i]; e.Kind == kind && e.AuthorID == a.ID {
			return e.Seq
		}
	}
	return 0
}

// choice returns what is selected in the triage form: what was chosen in a form that was refused, or the present
// value if that cannot be chosen any more.
func (p *TicketPage) choice() TriageForm {
	f, t := p.Triage, p.ticket()
	if !desk.Status(f.Status).Valid() {
		f.Status = string(t.Status)
	}
	if !desk.Priority(f.Priority).Valid() {
		f.Priority = string(t.Priority)
	}
	if f.Category == "" || !isSelectable(p.Categories, t, f.Category) {
		f.Category = strconv.FormatInt(t.CategoryID, 10)
	}
	return f
}

// selectable returns the categories to choose from: those in use and that of the ticket.
func selectable(all []desk.Category, t desk.Ticket) (out []desk.Category) {
	for _, c := range all {
		if c.RetiredAt == nil || c.ID == t.CategoryID {
			out = append(out, c)
		}
	}
	return out
}

// isSelectable reports whether one of the selectable categories has the id or the name. Without a
// selected option, a browser would select the first one.
func isSelectable(all []desk.Category, t desk.Ticket, category string) bool {
	return slices.ContainsFunc(selectable(all, t), func(c desk.Category) bool { return isCategory(c, category) })
}

// isCategory reports whether a category has the id or the name.
func isCategory(c desk.Category, category string) bool {
	return category == strconv.FormatInt(c.ID, 10) || category == c.Name
}

// ticketsOf returns the path of the list of one requester's tickets.
func ticketsOf(requester int64) templ.SafeURL {
	return templ.SafeURL(fmt.Sprintf("/tickets?requester=%d", requester))
}

// meta returns the title of the page and, for staff, its view.
func (p *TicketPage) meta(a account.Actor) ui.Meta {
	m := ui.Meta{Title: fmt.Sprintf("#%d %s", p.ticket().ID, ui.Isolated(p.ticket().Subject)), Nav: ui.NavTickets, Error: p.invalid() != nil || p.isUnsent(a), Script: "ticket.js", Reply: desk.May(a, desk.ToReply, p.ticket())}
	if p.View != nil && !p.View.Gone {
		m.View, m.ViewName = p.View.Address(), p.View.Name()
	}
	return m
}
