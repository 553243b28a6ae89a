package importer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/db"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/input"
	"frontdesk/internal/upload"
)

// Texts that take the place of empty ones, which the desk does not allow.
const (
	noSubject     = "(no subject)"
	noDescription = "(no description)"
	noText        = "(no text)"
	noCategory    = "General"
)

// ticket is a converted ticket.
type ticket struct {
	oldID                string
	id, requester        int64
	subject, description string
	category             int64
	priority, status     string
	created, updated     time.Time
	waiting              time.Time // since when the requester waits; zero if they do not
	events               []entry
	comments             int
	path                 string // of the attachment in the source; "" if there is none
	file                 *upload.File
}

// entry is an entry of a ticket's log. Its seq is its index plus 1.
type entry struct {
	kind   db.EventKind
	author int64
	body   string
	at     time.Time
}

// converter converts rows of the source.
type converter struct {
	users      map[string]int64 // old id → id
	categories map[string]int64 // key of the name → id
	base       int64            // of the ids of tickets
	now        time.Time        // replaces times that are missing
}

// batch converts tickets. It returns them with the entries of the report, and without the
// tickets of unknown users.
func (c *converter) batch(b batch) (tickets []ticket, entries []Entry) {
	for _, s := range b.tickets {
		t, all, ok := c.ticket(s)
		if ok {
			tickets = append(tickets, t)
		}
		entries = append(entries, all...)
	}
	for _, s := range b.strays {
		entries = append(entries, Entry{Kind: s.kind, OldID: s.ID, Note: fmt.Sprintf("not imported: its ticket %q does not exist", s.TicketID)})
	}
	return tickets, entries
}

// ticket converts a ticket with its log. ok is false if its requester is unknown.
func (c *converter) ticket(s sourceTicket) (t ticket, entries []Entry, ok bool) {
	requester, ok := c.users[s.UserID]
	if !ok {
		return t, refused(s), false
	}
	t = ticket{oldID: s.ID, id: c.base + s.Number, requester: requester, path: strings.TrimSpace(s.Attachment)}
	var notes notes
	t.created = c.time(s.CreatedAt, c.now, &notes)
	rest := t.setTexts(s, &notes)
	t.category = c.category(s.Category)
	t.priority, t.status = priority(s.Priority, &notes), status(s.Status, &notes)
	t.events = []entry{{kind: event.KindOpened, author: requester, at: t.created}}
	for _, part := range rest {
		t.add(entry{event.KindComment, requester, part, t.created})
	}
	own := c.log(&t, s)
	t.updated = t.events[len(t.events)-1].at
	if s.UpdatedAt != nil {
		t.updated = s.UpdatedAt.UTC()
	}
	t.setWaiting()
	entries = append(entries, Entry{kindTicket, s.ID, t.id, 1, notes.String()})
	return t, append(entries, own...), true
}

// refused returns the entries of a ticket without a requester.
func refused(s sourceTicket) []Entry {
	entries := []Entry{{Kind: kindTicket, OldID: s.ID, Note: fmt.Sprintf("not imported: its user %q does not exist", s.UserID)}}
	for kind, all := range map[string][]sourceEntry{kindComment: s.Comments, kindMessage: s.Messages} {
		for _, e := range all {
			entries = append(entries, Entry{Kind: kind, OldID: e.ID, Note: "not imported: its ticket was not imported"})
		}
	}
	return entries
}

// setTexts sets the subject and the description. It returns the parts of the description
// that are too long for it.
func (t *ticket) setTexts(s sourceTicket, n *notes) (rest []string) {
	subject, description := input.CleanLine(s.Subject), input.CleanText(s.Description)
	n.noteControls(s.Subject + s.Description)
	if subject == "" {
		subject = noSubject
		n.add("the subject was empty")
	}
	short, isCut := cut(subject, maxOf(desk.TicketInput{}, "subject"))
	if isCut {
		description = strings.TrimSpace(subject + "\n\n" + description)
		n.add("the subject was too long: the whole of it is in front of the description")
	}
	if description == "" {
		description = noDescription
		n.add("the description was empty")
	}
	parts := split(description, maxOf(desk.TicketInput{}, "description"))
	if len(parts) > 1 {
		n.add("the description was too long: it continues in the comments that follow it")
	}
	t.subject, t.description = short, parts[0]
	return parts[1:]
}

// add adds an entry to the log and returns its seq.
func (t *ticket) add(e entry) int64 {
	t.events = append(t.events, e)
	if e.kind == event.KindComment {
		t.comments++
	}
	return int64(len(t.events))
}

// dated is a comment or a message with its kind and its time.
type dated struct {
	sourceEntry
	kind  string
	at    time.Time
	notes notes
}

// log adds the comments and messages to the log of the ticket in order of time. Of entries with the
// same time, comments are first.
func (c *converter) log(t *ticket, s sourceTicket) (entries []Entry) {
	all := make([]dated, 0, len(s.Comments)+len(s.Messages))
	for _, e := range s.Comments {
		all = append(all, c.dated(e, kindComment, t.created))
	}
	for _, e := range s.Messages {
		all = append(all, c.dated(e, kindMessage, t.created))
	}
	slices.SortStableFunc(all, func(a, b dated) int { return a.at.Compare(b.at) })
	for _, e := range all {
		entries = append(entries, c.entry(t, e))
	}
	return entries
}

// dated returns an entry with its time, or with the given one if it has none.
func (c *converter) dated(e sourceEntry, kind string, otherwise time.Time) dated {
	d := dated{sourceEntry: e, kind: kind}
	d.at = c.time(e.CreatedAt, otherwise, &d.notes)
	return d
}

// entry adds a comment or a message to the log, and returns its line of the report.
func (c *converter) entry(t *ticket, e dated) Entry {
	author, ok := c.users[e.UserID]
	if !ok {
		return Entry{Kind: e.kind, OldID: e.ID, Note: fmt.Sprintf("not imported: its user %q does not exist", e.UserID)}
	}
	kind, most := event.KindComment, maxOf(desk.CommentInput{}, "text")
	if e.kind == kindMessage {
		kind, most = event.KindMessage, maxOf(desk.MessageInput{}, "text")
	}
	text := input.CleanText(e.Text)
	e.notes.noteControls(e.Text)
	if text == "" {
		text = noText
		e.notes.add("the text was empty")
	}
	first := int64(0)
	for _, part := range split(text, most) {
		if seq := t.add(entry{kind, author, part, e.at}); first == 0 {
			first = seq
		}
	}
	if last := int64(len(t.events)); last > first {
		e.notes.add(fmt.Sprintf("the text was too long: it is in the entries %d to %d", first, last))
	}
	return Entry{e.kind, e.ID, t.id, first, e.notes.String()}
}

// setWaiting sets the time since which the requester waits for staff: that of their first entry
// after the last one of staff, if the ticket is open or in progress.
func (t *ticket) setWaiting() {
	if !desk.Status(t.status).IsActive() {
		return
	}
	for _, e := range t.events {
		switch {
		case e.author != t.requester:
			t.waiting = time.Time{}
		case t.waiting.IsZero():
			t.waiting = e.at
		}
	}
}

// readers returns the users who have read the ticket: the requester, and all who wrote.
func (t *ticket) readers() []int64 {
	all := []int64{t.requester}
	for _, e := range t.events {
		if !slices.Contains(all, e.author) {
			all = append(all, e.author)
		}
	}
	return all
}

// category returns the id of the category with a name.
func (c *converter) category(name string) int64 {
	return c.categories[input.NameKey(categoryName(name))]
}

// categoryName returns the name that a category of the source has in the desk.
func categoryName(name string) string {
	if name = input.CleanName(name); name == "" {
		return noCategory
	}
	short, _ := cut(name, maxOf(desk.CategoryInput{}, "name"))
	return input.CleanName(short)
}

// priority returns the priority with a name.
func priority(name string, n *notes) string {
	for _, p := range db.AllTicketPriorityValues() {
		if strings.EqualFold(string(p), strings.TrimSpace(name)) {
			return string(p)
		}
	}
	n.add(fmt.Sprintf("the priority %q is not known: it is Low", name))
	return string(db.TicketPriorityLow)
}

// status returns the status with a name, in which spaces and hyphens count as underscores.
func status(name string, n *notes) string {
	plain := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.TrimSpace(name))
	for _, s := range db.AllTicketStatusValues() {
		if strings.EqualFold(string(s), plain) {
			return string(s)
		}
	}
	n.add(fmt.Sprintf("the status %q is not known: it is OPEN", name))
	return string(desk.StatusOpen)
}

// time returns a time of the source, or otherwise if the source has none that can be stored.
func (c *converter) time(at *time.Time, otherwise time.Time, n *notes) time.Time {
	if at == nil {
		n.add("it had no time: it has that of what it belongs to")
		return otherwise
	}
	return at.UTC()
}

// notes are the remarks on one row.
type notes []string

// add adds a remark.
func (n *notes) add(remark string) { *n = append(*n, remark) }

// String returns the remarks as one text.
func (n notes) String() string { return strings.Join(n, "; ") }
