package desk

import (
	"context"
	"io"

	"frontdesk/db"
)

// MayLink is nil where the actor may see the file, as one of a ticket: whoever
// has a link to it sees it, too.
func (d *Desk) MayLink(ctx context.Context, actor Actor, name string) error {
	if !isText(name) {
		return ErrNotFound
	}
	seesAll, viewer := actor.scope()
	file, err := d.q.FindFile(ctx, db.FindFileParams{Name: name, SeesAll: seesAll, Viewer: viewer})
	if err == nil && file.TicketID == nil {
		return ErrNotFound
	}
	return found(err, "find file")
}

// OpenLinked opens a file for whoever has a link to it, while its ticket is there.
func (d *Desk) OpenLinked(ctx context.Context, name string) (Attachment, io.ReadSeekCloser, error) {
	return d.openFile(ctx, db.FindFileParams{Name: name, SeesAll: true}) // nobody has the id 0, whose staged files it would be
}
