package realtime

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"time"

	"frontdesk/internal/live"
)

// bells keep the number of unread notifications on open pages current. Users whose
// notifications change are collected, so that one query counts for all of them.
type bells struct {
	mu      sync.Mutex
	users   map[int64]bool // whose number may have changed
	counted time.Time      // when the last count began
}

const (
	bellPause = 500 * time.Millisecond // between two counts
	bellTime  = 5 * time.Second        // for one count
)

// hearNotified takes a message of the database: the users whose notifications have changed.
func (s *Realtime) hearNotified(users string) {
	b := &s.bells
	b.mu.Lock()
	defer b.mu.Unlock()
	for text := range strings.FieldsSeq(users) {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || !s.hub.HasSockets(id) {
			continue
		}
		if b.users == nil {
			b.users = map[int64]bool{}
			time.AfterFunc(max(time.Until(b.counted.Add(bellPause)), 0), s.ringBells)
		}
		b.users[id] = true
	}
}

// ringBells sends the users that were collected how many notifications they have not read.
func (s *Realtime) ringBells() {
	b := &s.bells
	b.mu.Lock()
	ids := make([]int64, 0, len(b.users))
	for id := range b.users {
		ids = append(ids, id)
	}
	b.users, b.counted = nil, time.Now()
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), bellTime)
	defer cancel()
	unread, err := s.Desk.Notifications.Unread(ctx, ids...)
	if err != nil {
		s.Log.Warn("count notifications for open pages", "error", err)
		return
	}
	frames := map[int]*live.Frame{}
	s.hub.SendToUsers(func(user int64, who any) *live.Frame {
		n, changed := unread[user]
		if !changed || who.(*follower).program != nil {
			return nil
		}
		if frames[n] == nil {
			frames[n] = bellFrame(n)
		}
		return frames[n]
	})
}

// bellFrame is the message that changes the number on a page.
func bellFrame(unread int) *live.Frame {
	b, err := json.Marshal(struct {
		Type   string `json:"type"`
		Unread int    `json:"unread"`
	}{"notifications", unread})
	if err != nil {
		panic(err) // a string and a number
	}
	return live.NewFrame(b)
}
