package demo

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

// demoTicket is one ticket of the demonstration.
type demoTicket struct {
	*demo
	story              story
	requester, handler account.Actor
	n                  int   // its index, from which its texts are chosen
	id                 int64 // 0 until it is opened
}

// plan chooses the story, the users and the times of a ticket at random, and adds its acts.
func (s *demo) plan(n int) {
	t := &demoTicket{demo: s, story: s.stories[(n*17+n/len(s.stories))%len(s.stories)], n: n,
		requester: s.customers[int(math.Pow(s.rnd.Float64(), 1.4)*float64(len(s.customers)))],
		handler:   s.staff[s.rnd.IntN(len(s.staff))]}
	at := s.opening()
	t.add(at, func() error { return t.open(at) })
	at = t.answers(at)
	t.ends(at)
}

// add adds an act at a time.
func (t *demoTicket) add(at time.Time, do func() error) {
	t.acts = append(t.acts, act{at, do})
}

// answers adds the acts of the comments and messages, and returns the time of the last one.
func (t *demoTicket) answers(at time.Time) time.Time {
	last, taken := t.story.lastOfStaff(), false
	for i, l := range t.story.entries {
		at = t.next(l, at)
		if l.staff && !taken {
			taken = true
			t.add(at, t.triage)
		}
		t.add(at, func() error { return t.comment(l, i == last) })
	}
	return at
}

// next returns the time of the entry l if the one before it was at the time at. In the last
// week, answers by staff often take days, so that some tickets wait.
func (t *demoTicket) next(l storyEntry, at time.Time) time.Time {
	switch {
	case l.chat:
		return at.Add(t.between(30*time.Second, 6*time.Minute))
	case !l.staff:
		return at.Add(t.between(15*time.Minute, 30*time.Hour))
	case t.now.Sub(at) < 7*24*time.Hour && t.rnd.Float64() < .7:
		at = at.Add(t.between(24*time.Hour, 5*24*time.Hour))
	}
	return t.atWork(at.Add(t.between(20*time.Minute, 30*time.Hour)))
}

// ends adds the acts after the last entry: the requester may resolve the ticket, and days
// later staff may close it.
func (t *demoTicket) ends(at time.Time) {
	if !t.story.entries[len(t.story.entries)-1].staff || t.rnd.Float64() < .3 {
		at = at.Add(t.between(time.Minute, 3*time.Hour))
		t.add(at, func() error { return t.settle(desk.StatusResolved, t.requester) })
	}
	if t.rnd.Float64() < .8 {
		at = t.atWork(at.Add(5*24*time.Hour + t.between(0, 48*time.Hour)))
		t.add(at, func() error { return t.settle(desk.StatusClosed, t.handler) })
	}
}

// open opens the ticket, with its file if it has one.
func (t *demoTicket) open(at time.Time) error {
	id := fmt.Sprintf("demo-%d", t.n)
	if t.story.file != "" && t.files {
		file := file(t.story.file, t.n)
		if _, err := t.desk.Files.Stage(t.ctx, t.requester, id, t.story.file, bytes.NewReader(file)); err != nil {
			return err
		}
	}
	ticket, err := t.desk.Tickets.Open(t.ctx, t.requester, desk.TicketInput{
		Subject: t.fill(t.story.subject(t.n), at), Description: t.fill(t.story.text, at),
		Category: t.story.category, Priority: string(t.priority()), SubmissionID: id,
	})
	t.id = ticket.ID
	if err != nil {
		return err
	}
	return t.toTeam()
}

// priority returns the story's priority, or sometimes a random one.
func (t *demoTicket) priority() desk.Priority {
	if t.rnd.Float64() < .25 {
		return desk.Priorities()[t.rnd.IntN(3)]
	}
	return t.story.priority
}

// triage sets an open ticket to in progress, with the story's priority.
func (t *demoTicket) triage() error {
	ticket, err := t.desk.Tickets.Get(t.ctx, t.handler, t.id)
	if err != nil || ticket.Status != desk.StatusOpen {
		return err
	}
	_, err = t.desk.Tickets.Triage(t.ctx, t.handler, t.id, desk.TriageInput{Status: string(desk.StatusInProgress),
		Priority: string(t.story.priority), Category: ticket.Category, Version: int(ticket.Version)})
	return err
}

// comment writes a comment or a chat message, and may resolve the ticket with it.
func (t *demoTicket) comment(l storyEntry, resolves bool) error {
	by, then := t.requester, ""
	if l.staff {
		by = t.handler
	}
	if resolves && t.rnd.Float64() < .7 {
		then = "resolved"
	}
	text := t.fill(l.text, t.clock)
	var added desk.Event
	var err error
	if l.chat {
		added, err = t.desk.Comments.Add(t.ctx, by, t.id, desk.MessageInput{Text: text})
	} else {
		added, err = t.desk.Comments.Add(t.ctx, by, t.id, desk.CommentInput{Text: text, Then: then})
	}
	if err != nil {
		return err
	}
	return t.read(by, added.Seq)
}

// read stores that the author of the entry seq has read the log up to it.
func (t *demoTicket) read(who account.Actor, seq int64) error {
	line, err := t.desk.Log.Timeline(t.ctx, who, t.id, desk.TimelineRange{Limit: 1})
	if err != nil {
		return err
	}
	return t.desk.Log.MarkRead(t.ctx, who, t.id, seq, line.Read)
}

// settle sets the status, unless the ticket has it already or is closed, or is to be closed
// but not resolved.
func (t *demoTicket) settle(to desk.Status, by account.Actor) error {
	ticket, err := t.desk.Tickets.Get(t.ctx, by, t.id)
	if err != nil || ticket.Status == to || ticket.Status == desk.StatusClosed || to == desk.StatusClosed && ticket.Status != desk.StatusResolved {
		return err
	}
	_, err = t.desk.Tickets.SetStatus(t.ctx, by, t.id, desk.StatusInput{Status: string(to)})
	return err
}
