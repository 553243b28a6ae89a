package desk

import (
	"context"
	"errors"
	"fmt"
	"io"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/limit"
	"frontdesk/internal/upload"
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
	content := upload.NewReader(r, s.opts.MaxUpload)
	stored, err := content.Store(ctx, s.opts.Blobs, filename)
	if err != nil {
		return Attachment{}, false, s.fileError(ctx, filename, content, err)
	}
	file, err = s.stageRow(ctx, actor, db.StageFileParams{
		Name: stored.Name, UserID: actor.ID, SubmissionID: submissionID, Filename: filename,
		ContentType: stored.ContentType, Charset: stored.Charset, Size: stored.Size, Sha256: stored.Sha256, Now: s.Now(),
	})
	// If the connection failed during the commit, the row may exist and need the bytes.
	// They are deleted here only if the row certainly does not exist, and otherwise by
	// [Upkeep.Sweep].
	if file.Name != stored.Name || errors.Is(err, fault.ErrSignedOut) {
		s.deleteBytes(stored.Name)
	}
	return file, file.Name == stored.Name, err
}

// fileError converts an error of storing a file. If the user can correct the cause, it
// returns [*fault.Invalid] with a message for the field. A failed read of the request is
// returned as it is, and any other error is [fault.ErrStorage].
func (s *Files) fileError(ctx context.Context, filename string, r *upload.Reader, err error) error {
	switch {
	case errors.Is(err, upload.ErrEmpty):
		return fault.NewInvalid("attachment", filename+" is empty. Choose it again, or leave it out. Of a folder, choose the files in it.")
	case errors.Is(err, fault.ErrTooLarge):
		if err := r.Drain(); err != nil {
			return err
		}
		return fmt.Errorf("%w: %w", fault.ErrTooLarge, fault.NewInvalid("attachment",
			fmt.Sprintf("%s has %s; the limit is %s. Send a smaller one.", filename, input.Bytes(r.Size()), input.Bytes(r.Limit()))))
	}
	if r.Failed() == nil && ctx.Err() == nil {
		return fmt.Errorf("%w: %w", fault.ErrStorage, err)
	}
	return fmt.Errorf("read file: %w", err)
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

// Unstage deletes a file that the actor has staged. It returns [fault.ErrNotFound] if there
// is no such file. If only its content cannot be deleted, [Upkeep.Sweep] deletes it later.
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
