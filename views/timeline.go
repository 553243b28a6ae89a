package views

import (
	"slices"
	"strings"
	"time"

	"frontdesk/internal/desk"
)

// timelineItem is one row of a ticket's timeline: an entry, or the chat lines
// that stand between two entries as one.
type timelineItem struct {
	event *desk.Event
	chat  *chatted
	news  int // entries of it that others wrote since the reader was here
	fresh int // > 0: the mark "3 new since you were here" stands before it
}

// chatted is a run of chat lines without another entry in between.
type chatted struct {
	names []string // as the reader calls them, in the order in which they spoke
	lines int
	last  time.Time
}

// timelineItems makes the rows. What others wrote after place since is new;
// with since 0 nothing is marked. A run of chat lines ends where the new begins.
func timelineItems(entries []desk.Event, since, reader int64) []timelineItem {
	items := make([]timelineItem, 0, len(entries))
	for i := range entries {
		e := &entries[i]
		fresh := since > 0 && e.Seq > since && e.AuthorID != reader
		inRun := e.Kind == desk.KindMessage && i > 0 && entries[i-1].Kind == desk.KindMessage
		if !inRun || fresh && items[len(items)-1].news == 0 {
			items = append(items, newItem(e))
		}
		row := &items[len(items)-1]
		if row.chat != nil {
			row.chat.add(callName(e, reader), e.CreatedAt)
		}
		if fresh {
			row.news++
		}
	}
	markNew(items)
	return items
}

// markNew counts entries as the lists do, where each chat line is one.
func markNew(items []timelineItem) {
	first, fresh := -1, 0
	for i, item := range items {
		if item.news > 0 && first < 0 {
			first = i
		}
		fresh += item.news
	}
	if first >= 0 {
		items[first].fresh = fresh
	}
}

func newItem(e *desk.Event) timelineItem {
	if e.Kind == desk.KindMessage {
		return timelineItem{event: e, chat: &chatted{}}
	}
	return timelineItem{event: e}
}

func (c *chatted) add(name string, at time.Time) {
	c.lines++
	c.last = at
	if slices.Contains(c.names, name) {
		return
	}
	if name == "You" {
		c.names = append([]string{name}, c.names...)
	} else {
		c.names = append(c.names, name)
	}
}

func (c *chatted) who() string { return joinNames(c.names) }

func callName(e *desk.Event, reader int64) string {
	if e.AuthorID == reader {
		return "You"
	}
	return Isolated(e.Author)
}

// joinNames writes "Ana", "Ana and Priya", "Ana, Priya and Tom".
func joinNames(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// chatDay is the lines of one day.
type chatDay struct {
	at     time.Time
	lines  []chatLine
	goesOn bool // the day has begun before these lines
}

type chatLine struct {
	event desk.Event
	mine  bool
	next  bool // the same person goes on: the name is not repeated to sight
}

// goesOnWithin is how soon after a line the next one of the same person stands under the same name.
const goesOnWithin = 5 * time.Minute

func chatDays(entries []desk.Event, reader int64, zone *time.Location) []chatDay {
	return chatDaysAfter(desk.Event{}, entries, reader, zone)
}

// chatDaysAfter is chatDays of lines that stand after previous in the log: where
// that is a chat line too, its day and its author's turn go on.
func chatDaysAfter(previous desk.Event, entries []desk.Event, reader int64, zone *time.Location) []chatDay {
	var days []chatDay
	last := previous
	for _, e := range entries {
		if e.Kind != desk.KindMessage {
			continue
		}
		line := chatLine{event: e, mine: e.AuthorID == reader}
		goesOn := last.Kind == desk.KindMessage && sameDay(last.CreatedAt, e.CreatedAt, zone)
		if len(days) == 0 || !goesOn {
			days = append(days, chatDay{at: e.CreatedAt, goesOn: goesOn})
		}
		line.next = goesOn && last.AuthorID == e.AuthorID && e.CreatedAt.Sub(last.CreatedAt) < goesOnWithin
		day := &days[len(days)-1]
		day.lines = append(day.lines, line)
		last = e
	}
	return days
}

func sameDay(a, b time.Time, zone *time.Location) bool {
	ay, am, ad := a.In(zone).Date()
	by, bm, bd := b.In(zone).Date()
	return ay == by && am == bm && ad == bd
}

// firstName is how the chat calls somebody.
func firstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return Isolated(first)
}

// possessive writes "Ana Kovač’s".
func possessive(name string) string { return Isolated(name) + "’s" }
