package realtime

import (
	"context"
	"strconv"
	"strings"

	"frontdesk/internal/live"
)

// recovery returns the functions with which the hub finds out what a bus such as NATS has lost.
func (s *Realtime) recovery() *live.Recovery {
	return &live.Recovery{Stored: s.Desk.Log.StoredMessages(), Last: s.lastSeqs}
}

// lastSeqs implements [live.Recovery].
func (s *Realtime) lastSeqs(ctx context.Context, topics []string) ([]int64, error) {
	tickets := make([]int64, 0, len(topics))
	for _, topic := range topics {
		if id, _ := ticketOf(topic); id != 0 {
			tickets = append(tickets, id)
		}
	}
	seqs, err := s.Desk.Log.LastSeqs(ctx, tickets)
	if err != nil {
		return nil, err
	}
	out := make([]int64, len(topics))
	for i, topic := range topics {
		id, public := ticketOf(topic)
		if out[i] = seqs[id].All; public {
			out[i] = seqs[id].Public
		}
	}
	return out, nil
}

// ticketOf returns the ticket of a topic, 0 if it has none, and whether the topic has only the
// public events.
func ticketOf(topic string) (id int64, public bool) {
	text, staff := strings.CutPrefix(topic, topicTicket)
	if !staff {
		text, public = strings.CutPrefix(topic, topicPublic)
	}
	if !staff && !public {
		return 0, false
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, false
	}
	return id, public
}
