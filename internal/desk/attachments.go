package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// Open opens a file of a ticket that the actor may read, or one that the actor has
// staged; any other name is [fault.ErrNotFound]. A file without content is
// [fault.ErrFileMissing], and one that cannot be read is [fault.ErrStorage]. The caller
// must close the returned content.
func (s *Files) Open(ctx context.Context, actor account.Actor, name string) (Attachment, io.ReadSeekCloser, error) {
	if !input.IsText(name) {
		return Attachment{}, nil, fault.ErrNotFound
	}
	file, err := findFile(ctx, s.q, actor, name)
	if err != nil {
		return Attachment{}, nil, err
	}
	content, err := s.opts.Blobs.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return Attachment{}, nil, fmt.Errorf("%w: %s, %w", fault.ErrFileMissing, name, err)
	}
	if err == nil {
		if err = readable(content, file.Size); err != nil {
			err = errors.Join(err, content.Close())
		}
	}
	if err != nil {
		return Attachment{}, nil, fmt.Errorf("%w: open file %s: %w", fault.ErrStorage, name, err)
	}
	return file, content, nil
}

// findFile returns a file that the actor may open, or [fault.ErrNotFound].
func findFile(ctx context.Context, q *db.Queries, actor account.Actor, name string) (Attachment, error) {
	reach, viewer := actor.Scope()
	file, err := q.FindFile(ctx, db.FindFileParams{Name: name, Reach: reach, Viewer: viewer, IsStaff: isStaff(actor)})
	return file, db.Found(err, "find file")
}

// readable returns an error if the first byte of a file cannot be read, or the file has
// another size than was stored. It seeks back to the beginning of the file.
func readable(content io.ReadSeeker, size int64) error {
	if _, err := content.Read(make([]byte, 1)); err != nil && err != io.EOF {
		return err
	}
	has, err := content.Seek(0, io.SeekEnd)
	if err == nil && has != size {
		err = fmt.Errorf("it has %d bytes, and %d were stored", has, size)
	}
	if err != nil {
		return err
	}
	_, err = content.Seek(0, io.SeekStart)
	return err
}

// Discard removes a file by its name. A staged file is deleted, and ticketID is 0. A file
// of a ticket is removed as by [Files.Remove], and ticketID is its ticket.
func (s *Files) Discard(ctx context.Context, actor account.Actor, name string) (ticketID int64, err error) {
	if err := s.Unstage(ctx, actor, name); !errors.Is(err, fault.ErrNotFound) {
		return 0, err
	}
	if !input.IsText(name) {
		return 0, fault.ErrNotFound
	}
	file, err := findFile(ctx, s.q, actor, name)
	if err != nil {
		return 0, err
	}
	if file.TicketID == nil { // staged between the two queries
		return 0, fault.ErrNotFound
	}
	return *file.TicketID, s.Remove(ctx, actor, *file.TicketID, name)
}

// Remove removes a file from a ticket and records that in the log. Staff may remove any
// file, others only files that they uploaded ([fault.ErrForbidden]). Files of internal
// entries cannot be removed, because that would be a public entry. The content is
// deleted a day later, see [Upkeep.Sweep].
func (s *Files) Remove(ctx context.Context, actor account.Actor, ticketID int64, name string) error {
	if !input.IsText(name) {
		return fault.ErrNotFound
	}
	_, err := s.changeTicket(ctx, actor, ticketID, func(q *db.Queries, t Ticket) error {
		if err := s.removeFile(ctx, q, actor, ticketID, name); err != nil {
			return err
		}
		return s.saveFields(ctx, q, t)
	})
	return err
}

// removeFile marks a file as removed, updates the ticket's file count and records the
// entry, in the caller's transaction.
func (s *core) removeFile(ctx context.Context, q *db.Queries, actor account.Actor, ticketID int64, name string) error {
	filename, err := q.RemoveFile(ctx, db.RemoveFileParams{TicketID: ticketID, Name: name, IsStaff: isStaff(actor), Viewer: actor.ID, Now: s.Now()})
	if errors.Is(err, pgx.ErrNoRows) {
		if _, err := findFile(ctx, q, actor, name); err != nil {
			return err
		}
		return fault.ErrForbidden
	}
	if err != nil {
		return fmt.Errorf("remove file: %w", err)
	}
	_, err = s.record(ctx, q, actor, ticketID, entry{kind: event.KindAttachment, data: event.FileChange{Removed: filename}})
	return err
}

// Own returns the files of a ticket that the actor may remove.
func (s *Files) Own(ctx context.Context, actor account.Actor, ticketID int64) ([]Attachment, error) {
	if _, err := s.ticket(ctx, s.q, actor, ticketID); err != nil {
		return nil, err
	}
	files, err := s.q.PresentFiles(ctx, db.PresentFilesParams{TicketID: ticketID, IsStaff: isStaff(actor), Viewer: actor.ID})
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	return files, nil
}

// deleteBytes deletes the content of a file that has no row. It does nothing if name is
// "". A failure is only logged, because [Upkeep.Sweep] deletes content without a row.
func (s *Files) deleteBytes(name string) {
	if name == "" {
		return
	}
	if err := s.opts.Blobs.Delete(name); err != nil {
		s.opts.Log.Warn("file not deleted", "name", name, "error", err, "reason", "the sweep deletes it later")
	}
}
