package views

import (
	"strconv"
	"time"

	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/views/ui"
)

// notificationDay is a run of notifications of the same day.
type notificationDay struct {
	label string
	rows  []desk.Notification
}

// notificationDays groups notifications, which are in order of time, by the days of the desk.
func notificationDays(rows []desk.Notification, now time.Time, loc *time.Location) (days []notificationDay) {
	for _, r := range rows {
		label := ui.Day(r.CreatedAt, now, loc)
		if len(days) == 0 || days[len(days)-1].label != label {
			days = append(days, notificationDay{label: label})
		}
		last := &days[len(days)-1]
		last.rows = append(last.rows, r)
	}
	return days
}

// notificationIcon returns the icon of a notification.
func notificationIcon(n desk.Notification) string {
	switch n.Kind {
	case event.KindOpened:
		return "inbox"
	case event.KindMessage:
		return "chat"
	case event.KindStatus:
		return ui.StatusIcon(desk.Status(n.Status))
	case event.KindNote:
		return "lock"
	case event.KindAssignment:
		return "user-check"
	}
	return "comment"
}

// notificationAuthor returns the name of the author, "You" for the reader.
func notificationAuthor(n desk.Notification) string {
	if n.Own {
		return "You"
	}
	return n.Author
}

// notificationVerb returns what the author did and what follows the ticket's number,
// as in "set" #1042 "to Resolved".
func notificationVerb(n desk.Notification) (before, after string) {
	switch n.Kind {
	case event.KindOpened:
		return "opened", ""
	case event.KindStatus:
		return "set", " to " + ui.StatusLabel(desk.Status(n.Status))
	case event.KindNote:
		if n.Mentioned {
			return "mentioned you in an internal note on", ""
		}
		return "wrote an internal note on", ""
	case event.KindAssignment:
		if n.Own {
			return "got", " automatically, in turn"
		}
		return "assigned", " to you"
	}
	return "answered", ""
}

// notificationLink returns the address of the oldest event of a notification.
func notificationLink(n desk.Notification) string {
	to := "/tickets/" + strconv.FormatInt(n.TicketID, 10)
	if n.FirstSeq > 1 { // the first event is the ticket itself
		to += "#s" + strconv.FormatInt(n.FirstSeq, 10)
	}
	return to
}

// NotificationsRead returns the message after n notifications were marked as read, or "" if
// none was.
func NotificationsRead(n int) string {
	if n == 0 {
		return ""
	}
	return "Marked " + ui.Count(n, "notification") + " as read."
}
