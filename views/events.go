package views

import (
	"context"
	"strconv"

	"github.com/a-h/templ"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

// entryID is the id of an entry's row in the page, and its place in addresses.
func entryID(e *desk.Event) string { return rowID("s", e.Seq) }

// writtenBy returns the side of an entry's author as the styles name it.
func writtenBy(t *desk.Ticket, e *desk.Event) string {
	if e.AuthorRole == account.RoleAdmin && e.AuthorID != t.RequesterID {
		return "staff"
	}
	return "customer"
}

func eventIcon(e *desk.Event) string {
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
		return "chat message"
	}
	return "comment"
}

func deletionDeed(e desk.Event) string {
	if e.Restored() {
		return "brought the ticket back"
	}
	return "deleted the ticket"
}

// entryLink numbers an entry, for staff only: what customers see must not move
// because of what is not for them.
func entryLink(seq int64) templ.Component {
	return byHand(func(ctx context.Context, b []byte) []byte {
		if !FrameOf(ctx).Actor.Can(account.SeeAllTickets) {
			return b
		}
		b = append(b, `<a class="seq" href="#s`...)
		b = strconv.AppendInt(b, seq, 10)
		b = append(b, `"><span class="sr-only">Link to entry </span>`...)
		b = strconv.AppendInt(b, seq, 10)
		return append(b, "</a>"...)
	})
}

func entryFiles(files []desk.File) templ.Component {
	if len(files) == 0 {
		return templ.NopComponent
	}
	return fileList(files)
}

func fileURL(f desk.File) templ.SafeURL { return templ.SafeURL("/uploads/" + f.Name) }

func fileIcon(f desk.File) string {
	if desk.IsImage(f.ContentType) {
		return "image"
	}
	return "file"
}
