package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/event"
	"frontdesk/internal/outbox"
)

const (
	// notifyActive is how long after their last request members of staff are notified.
	notifyActive = 30 * 24 * time.Hour

	// NotificationsKept is how long a notification is stored after its newest event.
	NotificationsKept = 90 * 24 * time.Hour

	// usersPerNotice limits the payload of a NOTIFY, which must have fewer than 8,000
	// bytes. A user id has at most 20.
	usersPerNotice = 350
)

// Consumers returns all consumers of events that write notifications.
func (n *Notifications) Consumers() []outbox.Consumer {
	return []outbox.Consumer{n.Consumer(), n.NotesConsumer(), n.AssignmentsConsumer()}
}

// Consumer returns the consumer of events that writes notifications of what requesters see.
//
// A user may read a ticket while a notification of it is being written. The transaction
// that commits last then marks it as read: [Log.See] looks for a notification after it
// has committed the read position, and the consumer looks for read positions after it has
// committed the notifications.
func (n *Notifications) Consumer() outbox.Consumer {
	return outbox.Consumer{
		Name:      "notifications",
		Kinds:     []db.EventKind{event.KindOpened, event.KindComment, event.KindMessage, event.KindStatus, event.KindDeletion},
		Deliver:   n.notify,
		Committed: n.readSeen,
	}
}

// NotesConsumer returns the consumer of events that writes notifications of notes. It is a
// consumer of its own, because the previous version of the program, which may still run,
// would deliver notes of [Notifications.Consumer] to requesters. Both write to the same
// notification, and events of a ticket can come in any order: see the query NotifyUsers.
func (n *Notifications) NotesConsumer() outbox.Consumer {
	return outbox.Consumer{Name: "note notifications", Kinds: []db.EventKind{event.KindNote}, Deliver: n.notify, Committed: n.readSeen}
}

// AssignmentsConsumer returns the consumer of events that notifies the new assignees of
// tickets, and lets them follow tickets that their first answer assigned to them. It is a
// consumer of its own for the same reason as [Notifications.NotesConsumer].
func (n *Notifications) AssignmentsConsumer() outbox.Consumer {
	return outbox.Consumer{Name: "assignment notifications", Kinds: []db.EventKind{event.KindAssignment}, Deliver: n.notifyAssigned, Committed: n.readSeen}
}

// notifyAssigned is [Notifications.notify] for assignments. The query WriteComment, which assigns
// tickets to authors of answers, writes no followers, so that answers stay fast.
func (n *Notifications) notifyAssigned(ctx context.Context, tx pgx.Tx, events []outbox.Event) error {
	var in db.FollowAssignedParams
	for _, e := range events {
		if c := event.Decode[event.AssignmentChange](e.Data); c.To != nil && c.Why == event.WhyReply {
			in.Tickets, in.Users, in.Times = append(in.Tickets, e.TicketID), append(in.Users, c.To.ID), append(in.Times, e.CreatedAt)
		}
	}
	if len(in.Tickets) > 0 {
		if err := n.q.WithTx(tx).FollowAssigned(ctx, in); err != nil {
			return fmt.Errorf("follow assigned tickets: %w", err)
		}
	}
	return n.notify(ctx, tx, events)
}

// notifiedAssignee returns the user whom an event notifies of an assignment, or 0.
func notifiedAssignee(e outbox.Event) int64 {
	if e.Kind != event.KindAssignment {
		return 0
	}
	return event.NewAssignee(e.AuthorID, event.Decode[event.AssignmentChange](e.Data))
}

// notify writes the notifications of events, and removes those of deleted tickets.
func (n *Notifications) notify(ctx context.Context, tx pgx.Tx, events []outbox.Event) error {
	q := n.q.WithTx(tx)
	in := db.NotifyUsersParams{ActiveSince: n.Now().Add(-notifyActive)}
	var deleted []int64
	for _, e := range events {
		if e.Kind == event.KindDeletion {
			deleted = append(deleted, e.TicketID)
			continue
		}
		in.Tickets, in.Seqs, in.Kinds = append(in.Tickets, e.TicketID), append(in.Seqs, e.Seq), append(in.Kinds, string(e.Kind))
		in.Authors, in.Times = append(in.Authors, e.AuthorID), append(in.Times, e.CreatedAt)
		in.Assignees, in.Sides = append(in.Assignees, notifiedAssignee(e)), append(in.Sides, string(e.Side))
	}
	users, err := q.NotifyUsers(ctx, in)
	if err != nil {
		return fmt.Errorf("write notifications: %w", err)
	}
	if len(deleted) > 0 {
		removed, err := q.RemoveNotificationsOfDeleted(ctx, deleted)
		if err != nil {
			return fmt.Errorf("remove notifications: %w", err)
		}
		users = append(users, removed...)
	}
	return wakeNotified(ctx, q, users)
}

// readSeen marks notifications as read if their user has read the ticket since.
func (n *Notifications) readSeen(ctx context.Context, events []outbox.Event) error {
	tickets := make([]int64, len(events))
	for i, e := range events {
		tickets[i] = e.TicketID
	}
	users, err := n.q.ReadSeenNotifications(ctx, slices.Compact(tickets))
	if err != nil {
		return fmt.Errorf("mark notifications as read: %w", err)
	}
	return wakeNotified(ctx, n.q, users)
}

// wakeNotified makes every replica update the open pages of users.
func wakeNotified(ctx context.Context, q *db.Queries, users []int64) error {
	slices.Sort(users)
	for some := range slices.Chunk(slices.Compact(users), usersPerNotice) {
		if err := q.WakeNotified(ctx, some); err != nil {
			return fmt.Errorf("notify replicas: %w", err)
		}
	}
	return nil
}
