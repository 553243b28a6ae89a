package views

import (
	"slices"
	"time"

	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/views/ui"
)

// timelineItem is one row of a ticket's timeline: an entry, or a run of chat messages.
type timelineItem struct {
	event  *desk.Event // the entry, or the first message of the run
	chat   *chatRun    // nil for other entries
	unread int         // how many of its entries are new to the reader
	fresh  int         // if not 0, the mark "3 new since you were here" is above the row
}

// chatRun is successive chat messages without another entry between them.
type chatRun struct {
	authors []chatAuthor // in the order of their first messages
	count   int
	last    time.Time // the time of the last message
}

// chatAuthor is an author of messages in a row. isMine is true for the reader, who has the name "You". Other
// users may have that name too.
type chatAuthor struct {
	name   string
	isMine bool
}

// timelineItems returns the rows of the entries. Entries of other users with a sequence number
// above since are new; with since 0 none is. A run of chat messages ends where the new ones begin.
func timelineItems(entries []desk.Event, since, reader int64) []timelineItem {
	items := make([]timelineItem, 0, len(entries))
	for i := range entries {
		e := &entries[i]
		fresh := since > 0 && e.Seq > since && e.AuthorID != reader
		inRun := e.Kind == event.KindMessage && i > 0 && entries[i-1].Kind == event.KindMessage
		if !inRun || fresh && items[len(items)-1].unread == 0 {
			items = append(items, newItem(e))
		}
		row := &items[len(items)-1]
		if row.chat != nil {
			row.chat.add(chatAuthor{nameFor(e, reader), e.AuthorID == reader}, e.CreatedAt)
		}
		if fresh {
			row.unread++
		}
	}
	markNew(items)
	return items
}

// markNew puts the number of new entries on the first row with one. As in the lists of tickets,
// each chat message counts.
func markNew(items []timelineItem) {
	first, fresh := -1, 0
	for i, item := range items {
		if item.unread > 0 && first < 0 {
			first = i
		}
		fresh += item.unread
	}
	if first >= 0 {
		items[first].fresh = fresh
	}
}

func newItem(e *desk.Event) timelineItem {
	if e.Kind == event.KindMessage {
		return timelineItem{event: e, chat: &chatRun{}}
	}
	return timelineItem{event: e}
}

func (c *chatRun) add(author chatAuthor, at time.Time) {
	c.count++
	c.last = at
	if !slices.Contains(c.authors, author) {
		c.authors = append(c.authors, author)
	}
}

// nameFor returns the name of the event's author, or "You" if that is the reader.
func nameFor(e *desk.Event, reader int64) string {
	if e.AuthorID == reader {
		return "You"
	}
	return e.Author
}

// chatDay is the messages of one day.
type chatDay struct {
	at          time.Time // the time of its first message
	messages    []chatMessage
	isContinued bool // the day began before these messages
}

type chatMessage struct {
	event       desk.Event
	isMine      bool
	isContinued bool                // it follows a message of the same author; the name is not shown again
	delivery    *DeliveryStatusPage // of the mail about it; nil if none is shown
}

// continuedWithin is the longest time between two messages of the same author under one name.
const continuedWithin = 5 * time.Minute

func chatDays(entries []desk.Event, reader int64, zone *time.Location) []chatDay {
	return chatDaysAfter(desk.Event{}, entries, reader, zone)
}

// chatDaysAfter returns the chat messages among entries, by day. previous is the entry before
// them; if it is a chat message, they may continue its day and follow its author.
func chatDaysAfter(previous desk.Event, entries []desk.Event, reader int64, zone *time.Location) []chatDay {
	var days []chatDay
	last := previous
	for _, e := range entries {
		if e.Kind != event.KindMessage {
			continue
		}
		sameDayAsLast := last.Kind == event.KindMessage && ui.SameDay(last.CreatedAt, e.CreatedAt, zone)
		if len(days) == 0 || !sameDayAsLast {
			days = append(days, chatDay{at: e.CreatedAt, isContinued: sameDayAsLast})
		}
		day := &days[len(days)-1]
		day.messages = append(day.messages, chatMessage{
			event: e, isMine: e.AuthorID == reader,
			isContinued: sameDayAsLast && last.AuthorID == e.AuthorID && e.CreatedAt.Sub(last.CreatedAt) < continuedWithin,
		})
		last = e
	}
	return days
}
