package views

import (
	"context"
	"strconv"

	"github.com/a-h/templ"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/upload"
	"frontdesk/views/ui"
)

// entryID returns the id of an entry's row: "s" and its sequence number. Addresses have it as their fragment.
func entryID(e *desk.Event) string { return rowID("s", e.Seq) }

// writtenBy returns the side of the author of an entry, "staff" or "customer", for the styles.
func writtenBy(t *desk.Ticket, e *desk.Event) string {
	if e.SideIn(*t) == desk.StaffSide {
		return "staff"
	}
	return "customer"
}

func eventIcon(e *desk.Event) string {
	switch e.Kind {
	case event.KindStatus:
		if why := e.Status().Why; why == "comment" || why == "message" {
			return "reopen"
		}
		return ui.StatusIcon(e.Status().To)
	case event.KindAttachment:
		return "clip"
	case event.KindNote:
		return "lock"
	case event.KindDeletion:
		return "trash"
	case event.KindAssignment:
		return "user"
	case event.KindTeam:
		return "users"
	}
	if e.Field().Field == "category" {
		return "tag"
	}
	return "pencil"
}

// entryNoun returns what reopened the ticket.
func entryNoun(why string) string {
	if why == "message" {
		return "chat message"
	}
	return "comment"
}

// deletionVerb returns what the author did.
func deletionVerb(e desk.Event) string {
	if e.Restored() {
		return "restored the ticket"
	}
	return "deleted the ticket"
}

// entryLink is the number of an entry with a link to it, for staff only: the numbers that
// customers do not see would show them that there are internal entries.
func entryLink(seq int64) templ.Component {
	return ui.AppendFunc(func(ctx context.Context, b []byte) []byte {
		if !ui.FrameOf(ctx).Actor.Can(account.WorkAsStaff) {
			return b
		}
		b = append(b, `<a class="seq" href="#s`...)
		b = strconv.AppendInt(b, seq, 10)
		b = append(b, `"><span class="sr-only">Link to entry </span>`...)
		b = strconv.AppendInt(b, seq, 10)
		return append(b, "</a>"...)
	})
}

// entryFiles is the files of an entry, or nothing.
func entryFiles(files []desk.File) templ.Component {
	if len(files) == 0 {
		return templ.NopComponent
	}
	return fileList(files)
}

func fileLink(f desk.File) templ.SafeURL { return templ.SafeURL("/uploads/" + f.Name) }

func fileIcon(f desk.File) string {
	if upload.IsImage(f.ContentType) {
		return "image"
	}
	return "file"
}
