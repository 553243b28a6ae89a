package realtime

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"time"

	"frontdesk/internal/live"
	"frontdesk/views/ui"
)

// unreadCounts collects the users whose number of unread notifications may have changed, so
// that one query counts for all of them.
type unreadCounts struct {
	mu      sync.Mutex
	users   map[int64]bool // by user id; nil if no count is scheduled
	counted time.Time      // when the last count began
}

const (
	countPause   = 500 * time.Millisecond // the minimum between the beginnings of two counts
	countTimeout = 5 * time.Second        // the timeout of one count
)

// receiveNotified handles a notification of the database with the ids of users, separated
// by spaces, whose notifications have changed. It schedules a count for those who have a
// socket here.
func (s *Realtime) receiveNotified(users string) {
	var ids []int64
	for text := range strings.FieldsSeq(users) {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || !s.hub.HasSockets(id) {
			continue
		}
		ids = append(ids, id)
	}
	s.scheduleCount(ids)
}

// receiveResumed schedules a count for the users of pages whose sockets have joined or were
// paused, and sends who is present on their tickets and which notes are deleted: they may have missed a change.
func (s *Realtime) receiveResumed(followers []any) {
	var ids []int64
	for _, who := range followers {
		f := who.(*follower)
		if f.kind != pageSocket {
			continue
		}
		ids = append(ids, f.actor.ID)
		if f.ticketID != 0 {
			s.presence.SendAgain(topicOf(topicTicket, f.ticketID))
		}
	}
	s.scheduleCount(ids)
	s.sendDeletedNotesTo(followers)
}

// scheduleCount adds users to the next count.
func (s *Realtime) scheduleCount(ids []int64) {
	b := &s.unreadCounts
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids {
		if b.users == nil {
			b.users = map[int64]bool{}
			time.AfterFunc(max(time.Until(b.counted.Add(countPause)), 0), s.sendUnreadCounts)
		}
		b.users[id] = true
	}
}

// sendUnreadCounts sends each collected user the number of their unread notifications.
func (s *Realtime) sendUnreadCounts() {
	b := &s.unreadCounts
	b.mu.Lock()
	ids := make([]int64, 0, len(b.users))
	for id := range b.users {
		ids = append(ids, id)
	}
	b.users, b.counted = nil, time.Now()
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
	defer cancel()
	unread, err := s.Desk.Notifications.Unread(ctx, ids...)
	if err != nil {
		s.Log.Warn("unread count failed", "error", err)
		return
	}
	frames := map[int]*live.Frame{}
	s.hub.SendToUsers(func(user int64, who any) *live.Frame {
		n, changed := unread[user]
		if !changed || who.(*follower).kind != pageSocket {
			return nil
		}
		if frames[n] == nil {
			frames[n] = unreadFrame(n)
		}
		return frames[n]
	})
}

// unreadFrame returns the message that changes the number of unread notifications on a page.
func unreadFrame(unread int) *live.Frame {
	b, err := json.Marshal(struct {
		Type   string `json:"type"`
		Unread string `json:"unread"`
	}{"notifications", ui.UnreadText(unread)})
	if err != nil {
		panic(err) // cannot fail: the struct has only strings
	}
	return live.NewFrame(b)
}
