package desk

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// Notifications lists users' notifications and marks them as read. A user has at most one
// notification for each ticket, about the events that the user has not read.
// [Notifications.Consumer] writes them.
type Notifications struct{ *core }

// Notification is about the newest events of a ticket.
type Notification = db.ListNotificationsRow

// NotificationPage is a part of a user's notifications, the newest first.
type NotificationPage struct {
	Rows   []Notification
	Unread int   // of all, up to one more than [MaxUnread]
	Newest int64 // the sort key of the first row; 0 if there is none
	Before int64 // the sort key for [Notifications.List] to get the next page; 0 on the last page
}

const (
	// PageNotifications is the maximum number of notifications on a page.
	PageNotifications = 50
	// MaxUnread is the number up to which pages show unread notifications.
	MaxUnread = account.MaxUnread
)

// List returns the newest of the actor's notifications with a sort key below before, at
// most limit. If before is 0, it starts with the newest. A limit of 0 is
// [PageNotifications].
func (n *Notifications) List(ctx context.Context, actor account.Actor, before int64, limit int) (NotificationPage, error) {
	reach, user := actor.Scope()
	limit = cmp.Or(limit, PageNotifications)
	rows, err := n.q.ListNotifications(ctx, db.ListNotificationsParams{UserID: user, Reach: reach,
		Before: cmp.Or(before, math.MaxInt64), Max: int32(limit + 1)})
	if err != nil {
		return NotificationPage{}, fmt.Errorf("list notifications: %w", err)
	}
	unread, err := n.Unread(ctx, user)
	if err != nil {
		return NotificationPage{}, err
	}
	page := NotificationPage{Rows: rows, Unread: unread[user]}
	if len(rows) > limit {
		page.Rows, page.Before = rows[:limit], rows[limit-1].SortKey
	}
	if len(rows) > 0 {
		page.Newest = rows[0].SortKey
	}
	return page, nil
}

// Unread counts the unread notifications of users, up to one more than [MaxUnread] each.
func (n *Notifications) Unread(ctx context.Context, users ...int64) (map[int64]int, error) {
	rows, err := n.q.CountUnreadNotifications(ctx, db.CountUnreadNotificationsParams{Users: users, Max: MaxUnread + 1})
	if err != nil {
		return nil, fmt.Errorf("count unread notifications: %w", err)
	}
	out := make(map[int64]int, len(rows))
	for _, r := range rows {
		out[r.UserID] = int(r.Unread)
	}
	return out, nil
}

// Read marks the actor's notification of a ticket as read. It returns [fault.ErrNotFound]
// if there is none, or if the actor may not read the ticket.
func (n *Notifications) Read(ctx context.Context, actor account.Actor, ticketID int64) error {
	reach, user := actor.Scope()
	return n.act(ctx, actor, func(q *db.Queries) error {
		found, err := q.ReadNotification(ctx, db.ReadNotificationParams{TicketID: ticketID, UserID: user, Reach: reach, Seq: math.MaxInt64})
		switch {
		case err != nil:
			return fmt.Errorf("mark notification as read: %w", err)
		case !found:
			return fault.ErrNotFound
		}
		return nil
	})
}

// ReadAll marks the actor's notifications up to the sort key upto as read, or all if upto
// is 0. It returns how many were unread.
func (n *Notifications) ReadAll(ctx context.Context, actor account.Actor, upto int64) (count int, err error) {
	err = n.act(ctx, actor, func(q *db.Queries) error {
		read, err := q.ReadAllNotifications(ctx, db.ReadAllNotificationsParams{UserID: actor.ID, Upto: cmp.Or(upto, math.MaxInt64)})
		if err != nil {
			return fmt.Errorf("mark notifications as read: %w", err)
		}
		if count = int(read); count == 0 {
			return nil
		}
		return wakeNotified(ctx, q, []int64{actor.ID})
	})
	return count, err
}

// readNotification marks the actor's notification of a ticket as read if it is about no
// event after seq. It must be called after the commit of the actor's read position, see
// [Notifications.Consumer].
func (s *core) readNotification(ctx context.Context, actor account.Actor, ticketID, seq int64) error {
	reach, user := actor.Scope()
	_, err := s.q.ReadNotification(ctx, db.ReadNotificationParams{TicketID: ticketID, UserID: user, Reach: reach, Seq: seq})
	if err != nil {
		return fmt.Errorf("mark notification as read: %w", err)
	}
	return nil
}
