package desk

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"strconv"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/limit"
)

// A file is uploaded before its form is valid, separately or in the form's own body.
// It is staged under the form's submission id, and the transaction that writes the
// entry attaches it. So an entry always has its files, and files are not lost if
// another field of the form is invalid.

// Stage stores a file for the actor's form. A file that the form already has is not
// stored again. A file that is refused is [*fault.Invalid] on "attachment"; a file over
// [Files.MaxUpload] is also [fault.ErrTooLarge], and is read to its end to report its
// size. A failure of the blob store is [fault.ErrStorage]. Other errors of r are
// returned unchanged.
//
// Before it reads r, Stage waits up to one second for an upload slot, and returns
// [*fault.Limited] or [fault.ErrBusy] if it gets none. It then counts the file under
// Limits.Uploads, even if the file is refused later ([*fault.Limited]). A file that the
// form already has is not counted, see [Files.Resent].
func (s *Files) Stage(ctx context.Context, actor account.Actor, submissionID, filename string, r io.Reader) (Attachment, error) {
	in := stageInput{submissionID}
	if err := input.Check(&in); err != nil {
		return Attachment{}, err
	}
	end, err := s.uploads.Take(ctx, limit.OfUser("uploads", actor.ID))
	if err != nil {
		return Attachment{}, err
	}
	defer end()
	if err := s.limiter.AllowAlone(ctx, uploadKey(actor), s.opts.Limits.Uploads, 1); err != nil {
		return Attachment{}, err
	}
	file, isNew, err := s.stage(ctx, actor, in.SubmissionID, filename, r)
	if err == nil && !isNew {
		err = s.Resent(ctx, actor)
	}
	return file, err
}

// stage stores a file, and reports whether it is new to the form.
func (s *Files) stage(ctx context.Context, actor account.Actor, submissionID, filename string, r io.Reader) (file Attachment, isNew bool, err error) {
	filename = input.CleanFilename(filename)
	m := newMeter(r, s.opts.MaxUpload)
	name, err := s.opts.Blobs.Put(ctx, m)
	if err == nil && m.size == 0 {
		err = errEmptyFile
	}
	if err != nil {
		s.deleteBytes(name)
		return Attachment{}, false, s.fileError(ctx, filename, m, err)
	}
	contentType, charset := m.fileType()
	file, err = s.stageRow(ctx, actor, db.StageFileParams{
		Name: name, UserID: actor.ID, SubmissionID: submissionID, Filename: filename,
		ContentType: contentType, Charset: charset, Size: m.size, Sha256: m.hash.Sum(nil), Now: s.Now(),
	})
	// If the connection failed during the commit, the row may exist and need the bytes.
	// They are deleted here only if the row certainly does not exist, and otherwise by
	// [Upkeep.Sweep].
	if file.Name != name || errors.Is(err, fault.ErrSignedOut) {
		s.deleteBytes(name)
	}
	return file, file.Name == name, err
}

// stageInput is the input of [Files.Stage].
type stageInput struct {
	SubmissionID string `form:"submission_id" validate:"required,max=100,line"`
}

// uploadKey returns the key of the actor's uploads under Limits.Uploads.
func uploadKey(actor account.Actor) limit.Key { return limit.OfUser("upload", actor.ID) }

// Resent reverses the count of Limits.Uploads for a file that was sent before, so that
// a reloaded page or a retried request does not use up the limit. It reverses at most as
// many uploads as that limit allows; beyond that it does nothing.
func (s *Files) Resent(ctx context.Context, actor account.Actor) error {
	var limited *fault.Limited
	err := s.limiter.AllowAlone(ctx, limit.OfUser("resent", actor.ID), s.opts.Limits.Uploads, 1)
	switch {
	case errors.As(err, &limited):
		return nil
	case err != nil:
		return err
	}
	return s.limiter.GiveBack(ctx, uploadKey(actor), s.opts.Limits.Uploads)
}

// MaxStaged is the maximum number of staged files of one user.
const MaxStaged = 50

// Receive takes a slot for reading a form with files, and waits up to one second for it.
// The caller must call end to release the slot. Receive returns [*fault.Limited] if the
// person has too many slots, and [fault.ErrBusy] if all slots are in use.
func (s *Files) Receive(ctx context.Context, person int64) (end func(), err error) {
	return s.forms.Take(ctx, limit.OfUser("forms", person))
}

// stageRow inserts the row of a stored file, or returns the existing row of the same
// file. If an error occurs after the insert, it returns both the row and the error.
func (s *Files) stageRow(ctx context.Context, actor account.Actor, row db.StageFileParams) (file Attachment, err error) {
	err = s.act(ctx, actor, func(q *db.Queries) error {
		file = Attachment{} // the transaction may be retried
		if err := q.LockForms(ctx, actor.ID); err != nil {
			return fmt.Errorf("lock forms: %w", err)
		}
		others, err := s.submitted(ctx, q, actor, row.SubmissionID)
		if err != nil {
			return err
		}
		for _, o := range others {
			if o.Filename == row.Filename && string(o.Sha256) == string(row.Sha256) {
				file = o
				return nil
			}
		}
		if len(others) >= MaxFiles {
			return fault.NewInvalid("attachment", fmt.Sprintf("%s is one too many: %d files go with one message. Remove one, or send the rest after.", row.Filename, MaxFiles))
		}
		waiting, err := q.CountStaged(ctx, actor.ID)
		if err != nil {
			return fmt.Errorf("count staged files: %w", err)
		}
		if waiting >= MaxStaged {
			return fault.NewInvalid("attachment", fmt.Sprintf("%s was not kept: %d of your files wait in forms that were not sent. Send those forms, or try again tomorrow.", row.Filename, waiting))
		}
		if file, err = q.StageFile(ctx, row); err != nil {
			return fmt.Errorf("stage file: %w", err)
		}
		return nil
	})
	return file, err
}

// Staged returns the files staged for the actor's form, in upload order.
func (s *Files) Staged(ctx context.Context, actor account.Actor, submissionID string) ([]Attachment, error) {
	if !input.IsText(submissionID) {
		return nil, nil
	}
	files, err := s.q.StagedFiles(ctx, db.StagedFilesParams{UserID: actor.ID, SubmissionID: submissionID})
	if err != nil {
		return nil, fmt.Errorf("list staged files: %w", err)
	}
	return files, nil
}

// Unstage forgets a file that the actor has staged: its row, and its bytes, which
// [Upkeep.Sweep] deletes if that fails now.
func (s *Files) Unstage(ctx context.Context, actor account.Actor, name string) error {
	if !input.IsText(name) {
		return fault.ErrNotFound
	}
	err := s.act(ctx, actor, func(q *db.Queries) error {
		_, err := q.UnstageFile(ctx, db.UnstageFileParams{Name: name, UserID: actor.ID})
		return db.Found(err, "unstage file")
	})
	if err == nil {
		s.deleteBytes(name)
	}
	return err
}

// MoveStaged moves staged files from one submission id to another. A page gets a new id
// if the old one was used for another form (see [fault.ErrKeyReused]).
func (s *Files) MoveStaged(ctx context.Context, actor account.Actor, oldID, newID string) error {
	if !input.IsText(oldID) {
		return nil
	}
	return s.act(ctx, actor, func(q *db.Queries) error {
		err := q.MoveStagedFiles(ctx, db.MoveStagedFilesParams{UserID: actor.ID, OldID: oldID, NewID: newID})
		if err != nil {
			return fmt.Errorf("move staged files: %w", err)
		}
		return nil
	})
}

// Open opens a file of a ticket that the actor may read, or one that the actor has
// staged; any other name is [fault.ErrNotFound]. A file without content is
// [fault.ErrFileMissing], and one that cannot be read is [fault.ErrStorage]. The caller
// must close the returned content.
func (s *Files) Open(ctx context.Context, actor account.Actor, name string) (Attachment, io.ReadSeekCloser, error) {
	seesAll, viewer := actor.Scope()
	return s.open(ctx, db.FindFileParams{Name: name, SeesAll: seesAll, Viewer: viewer})
}

// open is [Files.Open] with the parameters of the query.
func (s *Files) open(ctx context.Context, which db.FindFileParams) (Attachment, io.ReadSeekCloser, error) {
	name := which.Name
	if !input.IsText(name) {
		return Attachment{}, nil, fault.ErrNotFound
	}
	file, err := s.q.FindFile(ctx, which)
	if err != nil {
		return Attachment{}, nil, db.Found(err, "find file")
	}
	content, err := s.opts.Blobs.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return Attachment{}, nil, fmt.Errorf("%w: %s, %w", fault.ErrFileMissing, name, err)
	}
	if err == nil {
		if err = readable(content); err != nil {
			err = errors.Join(err, content.Close())
		}
	}
	if err != nil {
		return Attachment{}, nil, fmt.Errorf("%w: open file %s: %w", fault.ErrStorage, name, err)
	}
	return file, content, nil
}

// readable returns an error if the first byte of a file cannot be read. It seeks back to
// the beginning of the file.
func readable(content io.ReadSeeker) error {
	if _, err := content.Read(make([]byte, 1)); err != nil && err != io.EOF {
		return err
	}
	_, err := content.Seek(0, io.SeekStart)
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
	seesAll, viewer := actor.Scope()
	file, err := s.q.FindFile(ctx, db.FindFileParams{Name: name, SeesAll: seesAll, Viewer: viewer})
	if err != nil {
		return 0, db.Found(err, "find file")
	}
	if file.TicketID == nil { // staged between the two queries
		return 0, fault.ErrNotFound
	}
	return *file.TicketID, s.Remove(ctx, actor, *file.TicketID, name)
}

// Remove removes a file from a ticket and records that in the log. Staff may remove any
// file, others only files that they uploaded ([fault.ErrForbidden]). The content is
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

// FileChange is the data of an attachment entry. It is the zero value for added files.
type FileChange struct {
	Removed string `json:"removed,omitempty"` // the filename of the removed file
}

// removeFile marks a file as removed, updates the ticket's file count and records the
// entry, in the caller's transaction.
func (s *core) removeFile(ctx context.Context, q *db.Queries, actor account.Actor, ticketID int64, name string) error {
	seesAll, viewer := actor.Scope()
	filename, err := q.RemoveFile(ctx, db.RemoveFileParams{TicketID: ticketID, Name: name, SeesAll: seesAll, Viewer: viewer, Now: s.Now()})
	if errors.Is(err, pgx.ErrNoRows) {
		if _, err := q.FindFile(ctx, db.FindFileParams{Name: name, SeesAll: seesAll, Viewer: viewer}); err != nil {
			return db.Found(err, "find file")
		}
		return fault.ErrForbidden
	}
	if err != nil {
		return fmt.Errorf("remove file: %w", err)
	}
	_, err = s.record(ctx, q, actor, ticketID, entry{kind: KindAttachment, data: FileChange{Removed: filename}})
	return err
}

// Own returns the files of a ticket that the actor may remove.
func (s *Files) Own(ctx context.Context, actor account.Actor, ticketID int64) ([]Attachment, error) {
	if _, err := s.ticket(ctx, s.q, actor, ticketID); err != nil {
		return nil, err
	}
	seesAll, viewer := actor.Scope()
	files, err := s.q.PresentFiles(ctx, db.PresentFilesParams{TicketID: ticketID, SeesAll: seesAll, Viewer: viewer})
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	return files, nil
}

// deleteBytes deletes the bytes of a file that has no row; a name of "" is none. A
// failure is logged and no more: [Upkeep.Sweep] deletes bytes without a row.
func (s *Files) deleteBytes(name string) {
	if name == "" {
		return
	}
	if err := s.opts.Blobs.Delete(name); err != nil {
		s.opts.Log.Warn("file not deleted", "name", name, "error", err, "reason", "the sweep deletes it later")
	}
}

var errEmptyFile = errors.New("the file is empty")

// fileError converts an error of storing a file. If the user can correct the cause, it
// returns [*fault.Invalid] with a message for the field. A failed read of the request is
// returned as it is, and any other error is [fault.ErrStorage].
func (s *Files) fileError(ctx context.Context, filename string, m *meter, err error) error {
	switch {
	case errors.Is(err, errEmptyFile):
		return fault.NewInvalid("attachment", filename+" is empty. Choose it again, or leave it out. Of a folder, choose the files in it.")
	case errors.Is(err, fault.ErrTooLarge):
		if err := m.drain(); err != nil {
			return err
		}
		return fmt.Errorf("%w: %w", fault.ErrTooLarge, fault.NewInvalid("attachment",
			fmt.Sprintf("%s has %s; the limit is %s. Send a smaller one.", filename, mebibytes(m.size), mebibytes(m.limit))))
	}
	if m.failed == nil && ctx.Err() == nil {
		return fmt.Errorf("%w: %w", fault.ErrStorage, err)
	}
	return fmt.Errorf("read file: %w", err)
}

// mebibytes formats a number of bytes as KiB or MiB.
func mebibytes(n int64) string {
	if n < 1<<20 {
		return strconv.FormatInt((n+1023)>>10, 10) + " KiB"
	}
	text := strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64)
	return trimZero(text) + " MiB"
}

// trimZero removes a final ".0".
func trimZero(text string) string {
	if len(text) > 2 && text[len(text)-2:] == ".0" {
		return text[:len(text)-2]
	}
	return text
}

// meter is a reader that counts and hashes the bytes read from r, and returns
// [fault.ErrTooLarge] if there are more than limit.
type meter struct {
	r     io.Reader
	limit int64
	size  int64
	hash  hash.Hash
	head  []byte
	text  *textCheck // nil if the file cannot be text

	failed error // the last error of r other than io.EOF
}

// newMeter returns a meter for r. It reads the first bytes of r to detect the type. An
// error of that read is returned by the meter's Read.
func newMeter(r io.Reader, limit int64) *meter {
	ahead := bufio.NewReaderSize(r, headLength)
	head, _ := ahead.Peek(headLength)
	m := &meter{r: ahead, limit: limit, hash: sha256.New(), head: bytes.Clone(head)}
	if typeOf(head) == textType {
		m.text = newTextCheck(head)
	}
	return m
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if err != io.EOF {
		m.failed = err
	}
	m.size += int64(n)
	if m.size > m.limit {
		return 0, fault.ErrTooLarge
	}
	m.hash.Write(p[:n])
	if m.text != nil {
		_, _ = m.text.Write(p[:n]) // an invalid text is reported by result
	}
	return n, err
}

// fileType returns the type of the file that was read, and its charset if it is known.
func (m *meter) fileType() (contentType, charset string) {
	if m.text == nil {
		return typeOf(m.head), ""
	}
	return m.text.result()
}

// drain reads the rest of the file to measure its size.
func (m *meter) drain() error {
	n, err := io.Copy(io.Discard, m.r)
	m.size += n
	return err
}
