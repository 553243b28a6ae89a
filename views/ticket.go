package views

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// TicketPage is all that the page of one ticket shows.
type TicketPage struct {
	Timeline   desk.Timeline
	Categories []desk.Category // for the triage form of staff
	Since      int64           // what others wrote after this place is marked as new; 0 marks nothing
	MaxUpload  int64           // bytes a file
	Comment    CommentForm
	Line       LineForm
	Triage     TriageForm
	Now        Now // who is here
}

// CommentForm is the comment form with what was typed into it.
type CommentForm struct {
	Text, SubmissionID string
	Files              []desk.Attachment // kept from an attempt that did not go through
	Notice             string            // why it was not sent, where no field is at fault
	Said               int64             // the place of the comment that this form has just sent
	Seen               int64             // the place up to which its page shows the log; 0 where that is the page being made
	Unseen             *desk.Unseen      // what was answered while it was written
	Invalid            *fault.Invalid
}

// LineForm is the chat's form with what was typed into it.
type LineForm struct {
	Text, SubmissionID string
	Notice             string
	Invalid            *fault.Invalid
}

// invalid is what is wrong with the line. Its field has the name of the
// comment's, and another id.
func (f LineForm) invalid() *fault.Invalid {
	if f.Invalid == nil {
		return nil
	}
	out := &fault.Invalid{}
	for _, e := range f.Invalid.Fields {
		if e.Field == "text" {
			e.Field = "line"
		}
		out.Fields = append(out.Fields, e)
	}
	return out
}

// TriageForm is the choice of staff. The zero value shows the ticket as it is.
type TriageForm struct {
	Status, Priority, Category string
	Stale                      bool   // the ticket changed while the choice was made
	Notice                     string // why it was not saved, where no field is at fault
	Invalid                    *fault.Invalid
}

func (p *TicketPage) ticket() desk.Ticket { return p.Timeline.Ticket }

// url is the page's own address, or that of something below it.
func (p *TicketPage) url(below string) string {
	return "/tickets/" + strconv.FormatInt(p.ticket().ID, 10) + below
}

func (p *TicketPage) link(below string) templ.SafeURL { return templ.SafeURL(p.url(below)) }

// invalid is what is wrong with any form of the page, under the ids of its controls.
func (p *TicketPage) invalid() *fault.Invalid {
	for _, inv := range []*fault.Invalid{p.Comment.Invalid, p.Line.invalid(), p.Triage.Invalid} {
		if inv != nil {
			return inv
		}
	}
	return nil
}

// failed names the form of the page that was refused.
func (p *TicketPage) failed() string {
	switch {
	case p.Comment.Invalid != nil:
		return "Comment not sent"
	case p.Line.Invalid != nil:
		return "Message not sent"
	}
	return "Ticket not saved"
}

// seen is the place up to which whoever writes the comment has seen the log.
func (p *TicketPage) seen() int64 {
	switch {
	case p.Comment.Seen != 0 && p.Comment.Unseen == nil: // else they are told of the rest
		return p.Comment.Seen
	case p.Comment.Said != 0: // the form comes alone to a page that waits for what is new
		return p.Comment.Said
	}
	return max(p.Timeline.Last(), p.Timeline.Read.Seq) // earlier entries are shown to who has read the later ones
}

// unsent is why a form of the page was not sent, where no field is at fault,
// and where that form stands.
func (p *TicketPage) unsent(a account.Actor) (why, form string) {
	switch {
	case p.Comment.Unseen != nil:
		return arrived(*p.Comment.Unseen), "#reply"
	case p.Comment.Notice != "":
		return p.Comment.Notice, "#reply"
	case p.Triage.Notice != "":
		return p.Triage.Notice, triagePart(a)
	}
	return p.Line.Notice, "#chat-form"
}

func (p *TicketPage) isUnsent(a account.Actor) bool {
	why, _ := p.unsent(a)
	return why != ""
}

// triagePart is where the status is changed: the requester says "This is solved"
// beside the facts.
func triagePart(a account.Actor) string {
	if a.Can(account.TriageTickets) {
		return "#triage"
	}
	return "#facts"
}

// fresh is how many entries are new to the reader.
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

// unread is how many entries others wrote since the reader was here, also those
// before the ones shown; 0 where the page marks what followed another place.
func (p *TicketPage) unread() int {
	if p.Timeline.Later || p.Since != p.Timeline.Read.Seq {
		return 0
	}
	return int(p.Timeline.Read.Unread)
}

// live tells the page's script where it stands in the log, and where news comes
// from. A page of earlier entries stands nowhere.
func (p *TicketPage) live() templ.Attributes {
	if p.Timeline.Later {
		return nil
	}
	return templ.Attributes{
		"data-chat": p.url("/chat"), "data-events": p.url("/events"), "data-place": strconv.FormatInt(p.Timeline.Last(), 10),
	}
}

// lastAnswer is when staff last said something among the entries shown; zero where nobody did.
func (p *TicketPage) lastAnswer() time.Time {
	for i := len(p.Timeline.Entries) - 1; i >= 0; i-- {
		e := &p.Timeline.Entries[i]
		if (e.Kind == desk.KindComment || e.Kind == desk.KindMessage) && writtenBy(&p.Timeline.Ticket, e) == "staff" {
			return e.CreatedAt
		}
	}
	return time.Time{}
}

// lastBy is the place of the last entry of a kind that somebody wrote, among
// those shown; 0 where there is none.
func (p *TicketPage) lastBy(a account.Actor, kind desk.EventKind) int64 {
	for i := len(p.Timeline.Entries) - 1; i >= 0; i-- {
		if e := &p.Timeline.Entries[i]; e.Kind == kind && e.AuthorID == a.ID {
			return e.Seq
		}
	}
	return 0
}

// choice is what the triage form has selected.
func (p *TicketPage) choice() TriageForm {
	f, t := p.Triage, p.ticket()
	if f.Status == "" {
		f.Status = string(t.Status)
	}
	if f.Priority == "" {
		f.Priority = string(t.Priority)
	}
	if f.Category == "" {
		f.Category = strconv.FormatInt(t.CategoryID, 10)
	}
	return f
}

// offered are the categories to choose from: those in use, and the ticket's own.
func offered(all []desk.Category, t desk.Ticket) (out []desk.Category) {
	for _, c := range all {
		if c.RetiredAt == nil || c.ID == t.CategoryID {
			out = append(out, c)
		}
	}
	return out
}

// ticketsOf is the address of everything that one person asked for.
func ticketsOf(requester int64) templ.SafeURL {
	return templ.SafeURL(fmt.Sprintf("/tickets?requester=%d", requester))
}

// mailto leads to writing to an address. A question mark in it would begin the
// headers of the letter.
func mailto(address string) templ.SafeURL { return templ.URL("mailto:" + url.PathEscape(address)) }
