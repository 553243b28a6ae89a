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
	*core
	mu      sync.Mutex
	users   map[int64]bool // by user id; nil if no count is scheduled
	counted time.Time      // when the last count began
}

const (
	countPause   = 500 * time.Millisecond // the minimum between the beginnings of two counts
	countTimeout = 5 * time.Second        // the timeout of one count
)

// receive handles a notification of the database with the ids of users, separated
// by spaces, whose notifications have changed. It schedules a count for those who have a
// socket here.
func (s *unreadCounts) receive(users string) {
	var ids []int64
	for text := range strings.FieldsSeq(users) {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || !s.hub.HasSockets(id) {
			continue
		}
		ids = append(ids, id)
	}
	s.schedule(ids)
}

// schedule adds users to the next count.
func (s *unreadCounts) schedule(ids []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if s.users == nil {
			s.users = map[int64]bool{}
			time.AfterFunc(max(time.Until(s.counted.Add(countPause)), 0), s.send)
		}
		s.users[id] = true
	}
}

// send sends each collected user the number of their unread notifications.
func (s *unreadCounts) send() {
	s.mu.Lock()
	ids := make([]int64, 0, len(s.users))
	for id := range s.users {
		ids = append(ids, id)
	}
	s.users, s.counted = nil, time.Now()
	s.mu.Unlock()
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
		if !changed || who.(*subscriber).kind != pageSocket {
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
