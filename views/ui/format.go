package ui

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"frontdesk/internal/desk"
)

// appendTime appends the time t: "just now", "5 minutes ago", "3 hours ago", "today, 04:12",
// "yesterday, 18:03", "19 Nov", or with the year if it is not the current one.
func appendTime(b []byte, t, now time.Time, loc *time.Location) []byte {
	t, now = t.In(loc), now.In(loc)
	ago := now.Sub(t)
	switch {
	case ago < time.Minute && ago > -time.Minute:
		return append(b, "just now"...)
	case ago >= 0 && ago < time.Hour:
		return append(b, Count(int(ago.Minutes()), "minute")+" ago"...)
	case ago >= 0 && ago < 12*time.Hour:
		return append(b, Count(int(ago.Hours()), "hour")+" ago"...)
	case ago.Abs() > 48*time.Hour: // spares the next two cases, which are slow
	case SameDay(t, now, loc):
		return t.AppendFormat(b, "today, 15:04")
	case SameDay(t, now.AddDate(0, 0, -1), loc):
		return t.AppendFormat(b, "yesterday, 15:04")
	}
	if t.Year() == now.Year() {
		return t.AppendFormat(b, "2 Jan")
	}
	return t.AppendFormat(b, "2 Jan 2006")
}

// Day returns the day of t: "Today", "Yesterday", "19 Nov", or with the year if it is not the current one.
func Day(t, now time.Time, loc *time.Location) string {
	t, now = t.In(loc), now.In(loc)
	switch {
	case SameDay(t, now, loc):
		return "Today"
	case SameDay(t, now.AddDate(0, 0, -1), loc):
		return "Yesterday"
	}
	return Date(t, now, loc)
}

// Date returns the date of t: "19 Nov", or with the year if it is not the current one.
func Date(t, now time.Time, loc *time.Location) string {
	t, now = t.In(loc), now.In(loc)
	if t.Year() == now.Year() {
		return t.Format("2 Jan")
	}
	return t.Format("2 Jan 2006")
}

// appendTimeOfDay appends the time t as appendTime does, and always with the time of day.
func appendTimeOfDay(b []byte, t, now time.Time, loc *time.Location) []byte {
	before := len(b)
	b = appendTime(b, t, now, loc)
	if now.Sub(t) < 24*time.Hour || bytes.HasPrefix(b[before:], []byte("yesterday")) {
		return b
	}
	return t.In(loc).AppendFormat(b, ", 15:04")
}

// Count returns "1 comment" or "2 comments".
func Count(n int, noun string) string { return strconv.Itoa(n) + " " + Plural(n, noun) }

// Plural returns the noun, with an s unless n is 1.
func Plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// Wait returns a waiting time: "3 d 20 h", "20 h 38 min" or "5 min".
func Wait(d time.Duration) string {
	d = max(d, 0)
	days, hours, minutes := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	switch {
	case days > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	}
	return fmt.Sprintf("%d min", minutes)
}

// Initials returns the first letters of the first and the last word of a name, or "?".
func Initials(name string) string {
	name = strings.TrimSpace(name)
	first, size := utf8.DecodeRuneInString(name)
	if size == 0 {
		return "?"
	}
	initials := string(unicode.ToUpper(first))
	if gap := strings.LastIndexFunc(name, unicode.IsSpace); gap >= 0 {
		for _, r := range name[gap:] {
			if !unicode.IsSpace(r) {
				return initials + string(unicode.ToUpper(r))
			}
		}
	}
	return initials
}

// StatusLabel returns the name of a status on pages.
func StatusLabel(s desk.Status) string {
	switch s {
	case desk.StatusOpen:
		return "Open"
	case desk.StatusInProgress:
		return "In progress"
	case desk.StatusResolved:
		return "Resolved"
	case desk.StatusClosed:
		return "Closed"
	}
	return string(s)
}

// statusData returns a status for data-status: open, in_progress, resolved or closed.
func statusData(s desk.Status) string { return strings.ToLower(string(s)) }

// StatusIcon returns the name of the icon of a status.
func StatusIcon(s desk.Status) string {
	if s == desk.StatusInProgress {
		return "status-progress"
	}
	return "status-" + statusData(s)
}

// SameDay reports whether two times are on the same day in a time zone.
func SameDay(a, b time.Time, zone *time.Location) bool {
	ay, am, ad := a.In(zone).Date()
	by, bm, bd := b.In(zone).Date()
	return ay == by && am == bm && ad == bd
}
