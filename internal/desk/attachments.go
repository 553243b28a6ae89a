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

// A file arrives before its form is good, by itself or in the form's own body.
// It is staged under the form's submission id and becomes part of the entry in
// the transaction that writes it: there is no entry without its files, and no
// file lost because a field was left empty.

// Stage keeps a file for the actor's form. The same file under the same form is
// one. A wrong file is [*fault.Invalid] on "attachment"; one over the limit is also
// [fault.ErrTooLarge], and is read to its end for its size. A failure of the folder of
// files is [fault.ErrStorage]. Other errors of r come as they are.
//
// Before a byte of r is read, the file takes one of the slots in which files are
// received, for which it waits a second ([*fault.Limited], [fault.ErrBusy]), and is counted
// under Limits.Uploads, whatever comes of it ([*fault.Limited]). A file that the form had
// already is not counted, see [Files.Resent].
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

// stage keeps a file, and reports whether the form did not have it before.
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
	// A commit whose answer was lost may have kept the row, which needs the bytes:
	// they are left to [Upkeep.Sweep] unless the row was surely not kept.
	if file.Name != name || errors.Is(err, fault.ErrSignedOut) {
		s.deleteBytes(name)
	}
	return file, file.Name == name, err
}

type stageInput struct {
	SubmissionID string `form:"submission_id" validate:"required,max=100,line"`
}

func uploadKey(actor account.Actor) limit.Key { return limit.OfUser("upload", actor.ID) }

// Resent takes back what Limits.Uploads counted for a file that had been sent
// before: a page that is loaded again, or a request whose answer was lost, costs
// its sender nothing. Of those it takes back no more than that limit allows.
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

// MaxStaged is how many files of one person may wait for their forms to be sent.
const MaxStaged = 50

// Receive takes one of the slots in which forms with files are read; end gives it
// back. It waits a second for it; then a person who has too many is [*fault.Limited], and
// with too many of all it is [fault.ErrBusy].
func (s *Files) Receive(ctx context.Context, person int64) (end func(), err error) {
	return s.forms.Take(ctx, limit.OfUser("forms", person))
}

// stageRow writes the row of a stored file, or finds that of the same one. The row
// is returned with an error, too, if it was written before that.
func (s *Files) stageRow(ctx context.Context, actor account.Actor, row db.StageFileParams) (file Attachment, err error) {
	err = s.act(ctx, actor, func(q *db.Queries) error {
		file = Attachment{} // a transaction may be tried again
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

// Staged lists the files that wait for the actor's form to be sent, in the order in which they came.
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

// MoveStaged gives the files that wait under one key to another: the first was
// used up (see [fault.ErrKeyReused]), and its page got a new one.
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

// Open opens a file for an actor who may see its ticket, or has staged it. One
// whose content is gone is [fault.ErrFileMissing], one that cannot be read [fault.ErrStorage].
// The caller closes it.
func (s *Files) Open(ctx context.Context, actor account.Actor, name string) (Attachment, io.ReadSeekCloser, error) {
	seesAll, viewer := actor.Scope()
	return s.open(ctx, db.FindFileParams{Name: name, SeesAll: seesAll, Viewer: viewer})
}

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

// readable returns an error if the first byte of a file cannot be read. It leaves
// the file at its beginning.
func readable(content io.ReadSeeker) error {
	if _, err := content.Read(make([]byte, 1)); err != nil && err != io.EOF {
		return err
	}
	_, err := content.Seek(0, io.SeekStart)
	return err
}

// Discard takes a file away by its name alone: a staged one is forgotten;
// one of a ticket is removed by [Files.Remove], and its ticket is returned.
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
	if file.TicketID == nil { // staged between the two looks
		return 0, fault.ErrNotFound
	}
	return *file.TicketID, s.Remove(ctx, actor, *file.TicketID, name)
}

// Remove takes a file off a ticket: staff any, others what they sent
// themselves ([fault.ErrForbidden]). The log tells of it; the bytes go a day later.
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

// FileChange is the data of an attachment entry that removed a file; one that
// added files has none.
type FileChange struct {
	Removed string `json:"removed,omitempty"` // its filename
}

// removeFile is a step: the mark, the count and the entry.
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

// Own lists the files of a ticket that the actor may take away.
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

// fileError says what was wrong with a file, in words beside its field if its
// sender can do something about it. What is wrong with neither the file nor its
// sender is [fault.ErrStorage].
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

func mebibytes(n int64) string {
	if n < 1<<20 {
		return strconv.FormatInt((n+1023)>>10, 10) + " KiB"
	}
	text := strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64)
	return trimZero(text) + " MiB"
}

func trimZero(text string) string {
	if len(text) > 2 && text[len(text)-2:] == ".0" {
		return text[:len(text)-2]
	}
	return text
}

// meter is a reader that measures what passes through it and fails with
// [fault.ErrTooLarge] past its limit.
type meter struct {
	r     io.Reader
	limit int64
	size  int64
	hash  hash.Hash
	head  []byte
	text  *textCheck // nil if the file cannot be text

	failed error // of r
}

// newMeter returns a meter that reads r. What is wrong with r is an error of the
// meter's first Read.
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
		_, _ = m.text.Write(p[:n]) // a check only looks
	}
	return n, err
}

// fileType returns the type of what was read, and its charset if that is known.
func (m *meter) fileType() (contentType, charset string) {
	if m.text == nil {
		return typeOf(m.head), ""
	}
	return m.text.result()
}

// drain reads the rest, for the size.
func (m *meter) drain() error {
	n, err := io.Copy(io.Discard, m.r)
	m.size += n
	return err
}
