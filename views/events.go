package views

import (
	"github.com/a-h/templ"

	"frontdesk/internal/desk"
)

// entryID is the id of an entry's row in the page, and its place in addresses.
func entryID(e desk.Event) string { return rowID("s", e.Seq) }

// writtenBy tells the two sides apart: an admin's own ticket has them as its customer.
func writtenBy(t desk.Ticket, e desk.Event) string {
	if e.AuthorRole == desk.RoleAdmin && e.AuthorID != t.RequesterID {
		return "staff"
	}
	return "customer"
}

func eventIcon(e desk.Event) string {
	switch e.Kind {
	case desk.KindStatus:
		if why := e.Status().Why; why == "comment" || why == "message" {
			return "reopen"
		}
		return statusIcon(e.Status().To)
	case desk.KindAttachment:
		return "clip"
	case desk.KindDeletion:
		return "trash"
	}
	if e.Field().Field == "category" {
		return "tag"
	}
	return "pencil"
}

func lineWord(why string) string {
	if why == "message" {
		return "chat line"
	}
	return "comment"
}

func deletionDeed(e desk.Event) string {
	if e.Restored() {
		return "brought the ticket back"
	}
	return "deleted the ticket"
}

func fileURL(f desk.File) templ.SafeURL { return templ.SafeURL("/uploads/" + f.Name) }

func fileIcon(f desk.File) string {
	if desk.IsImage(f.ContentType) {
		return "image"
	}
	return "file"
}
