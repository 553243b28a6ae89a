package main

import (
	"net/url"
	"strconv"
	"testing"
)

// unread returns an expression that is true while the bell of the page shows number, or no number
// if number is "".
func unread(number string) string {
	const badge = "document.querySelector('#bell > b')"
	text := ""
	if number != "" {
		text = number + " unread"
	}
	return badge + ".hidden === " + strconv.FormatBool(number == "") + " && " +
		badge + ".textContent.trim().replace(/\\s+/, ' ') === '" + text + "'"
}

func TestTheNotificationCountOfOpenPagesIsUpdated(t *testing.T) {
	t.Parallel()
	d := startDesk(t)
	ana, priya := newPerson(t, d.base), newPerson(t, d.base)
	ana.register("Ana Kovač", "ana@example.org")
	priya.signIn(adminEmail)
	lamp := ana.ticket("A lamp", "It is dark.")
	priya.post(lamp+"/comments", url.Values{"text": {"Which lamp?"}})
	d.notified(t)

	b := newTab(t, d.base)
	b.signIn("ana@example.org")
	b.open("/tickets")
	b.until(unread("1"), "one unread on the list")
	brake := ana.ticket("A brake", "It squeaks.")
	priya.post(brake+"/comments", url.Values{"text": {"Which brake?"}})
	b.until(unread("2"), "another while the list is open")
	b.open("/notifications")
	b.click(".notification-list .is-unread a")
	b.until("location.pathname === '"+brake+"' && location.hash === '#s3'", "the entry that the newest notification tells of")
	b.until(unread("1"), "the other one")
	priya.post(lamp+"/comments", url.Values{"text": {"And where?"}})
	ana.get(lamp) // in another browser
	b.until(unread(""), "nothing once it was read elsewhere")
}
