package importer

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"frontdesk/db"
	"frontdesk/internal/upload"
)

// addUsers implements [target].
func (d *database) addUsers(ctx context.Context, all []user) error {
	var in db.ImportUsersParams
	var entries []Entry
	for _, u := range all {
		in.Ids, in.Usernames, in.Emails, in.EmailKeys = append(in.Ids, u.id), append(in.Usernames, u.name), append(in.Emails, u.email), append(in.EmailKeys, u.key)
		in.EmailTwins, in.PasswordHashes = append(in.EmailTwins, u.twin), append(in.PasswordHashes, u.hash)
		in.Roles, in.Created = append(in.Roles, string(u.role)), append(in.Created, u.created)
		entries = append(entries, u.entry())
	}
	err := longTx(ctx, d.pool, func(ctx context.Context, q *db.Queries) error {
		if err := q.ImportUsers(ctx, in); err != nil {
			return err
		}
		return addEntries(ctx, q, entries)
	})
	if db.Violates(err, "users_email_key") {
		return errors.New("an account with the address of a user of the source was made meanwhile: run the command again")
	}
	return err
}

// storeFile implements [target].
func (d *database) storeFile(ctx context.Context, attachment string) (*upload.File, error) {
	return d.uploads.copyTo(ctx, d.blobs, attachment)
}

// addTickets implements [target]. Tickets, logs, lines of the report and the row of the batch
// are committed together.
func (d *database) addTickets(ctx context.Context, l loaded) error {
	in := columns(l.tickets)
	err := longTx(ctx, d.pool, func(ctx context.Context, q *db.Queries) error {
		if err := in.write(ctx, q); err != nil {
			return err
		}
		if err := addEntries(ctx, q, l.entries); err != nil {
			return err
		}
		return q.AddImportBatch(ctx, db.AddImportBatchParams{AfterID: l.after, LastID: l.last})
	})
	if err != nil {
		return fmt.Errorf("write the tickets after %q: %w", l.after, err)
	}
	return nil
}

// rows has the rows of tickets by columns.
type rows struct {
	tickets db.ImportTicketsParams
	events  db.ImportEventsParams
	reads   db.ImportReadsParams
	files   db.ImportFilesParams
}

// columns returns the rows of tickets.
func columns(all []ticket) *rows {
	r := &rows{}
	for i := range all {
		r.add(&all[i])
	}
	return r
}

// add adds the rows of a ticket.
func (r *rows) add(t *ticket) {
	in := &r.tickets
	in.Ids, in.Requesters, in.Categories = append(in.Ids, t.id), append(in.Requesters, t.requester), append(in.Categories, t.category)
	in.Subjects, in.Descriptions = append(in.Subjects, t.subject), append(in.Descriptions, t.description)
	in.Priorities, in.Statuses = append(in.Priorities, t.priority), append(in.Statuses, t.status)
	in.LastSeqs, in.CommentCounts, in.FileCounts = append(in.LastSeqs, int64(len(t.events))), append(in.CommentCounts, int32(t.comments)), append(in.FileCounts, t.files())
	in.Waiting, in.Created, in.Updated = append(in.Waiting, t.waiting), append(in.Created, t.created), append(in.Updated, t.updated)
	in.Submissions = append(in.Submissions, t.submission())
	for i, e := range t.events {
		r.addEvent(t, int64(i+1), e)
	}
	for _, reader := range t.readers() {
		r.reads.Tickets, r.reads.Users, r.reads.Seqs = append(r.reads.Tickets, t.id), append(r.reads.Users, reader), append(r.reads.Seqs, int64(len(t.events)))
	}
	if t.file != nil {
		r.addFile(t, t.file)
	}
}

// addEvent adds the row of an event.
func (r *rows) addEvent(t *ticket, seq int64, e entry) {
	in := &r.events
	in.Tickets, in.Seqs, in.Kinds = append(in.Tickets, t.id), append(in.Seqs, seq), append(in.Kinds, string(e.kind))
	in.Authors, in.Requesters = append(in.Authors, e.author), append(in.Requesters, t.requester)
	in.Bodies, in.Created = append(in.Bodies, e.body), append(in.Created, e.at)
}

// addFile adds the row of a ticket's file.
func (r *rows) addFile(t *ticket, f *upload.File) {
	in := &r.files
	in.Names, in.Tickets, in.Users, in.Submissions = append(in.Names, f.Name), append(in.Tickets, t.id), append(in.Users, t.requester), append(in.Submissions, t.submission())
	in.Filenames, in.ContentTypes, in.Charsets = append(in.Filenames, f.Filename), append(in.ContentTypes, f.ContentType), append(in.Charsets, f.Charset)
	in.Sizes, in.Sums, in.Created = append(in.Sizes, f.Size), append(in.Sums, f.Sha256), append(in.Created, t.created)
}

// submission returns the submission id of the ticket's form, which the desk requires.
func (t *ticket) submission() string { return "import-" + t.oldID }

// files returns the number of files of the ticket.
func (t *ticket) files() int32 {
	if t.file == nil {
		return 0
	}
	return 1
}

// write writes the rows. Triggers of the tables write the search index and the counters.
func (r *rows) write(ctx context.Context, q *db.Queries) error {
	if len(r.tickets.Ids) == 0 {
		return nil
	}
	if err := q.ImportTickets(ctx, r.tickets); err != nil {
		return err
	}
	if err := q.ImportEvents(ctx, r.events); err != nil {
		return err
	}
	if err := q.DropImportedEvents(ctx, r.tickets.Ids); err != nil {
		return err
	}
	if err := q.ImportReads(ctx, r.reads); err != nil {
		return err
	}
	if err := q.CountImportedSolved(ctx, r.tickets.Ids); err != nil {
		return err
	}
	if len(r.files.Names) == 0 {
		return nil
	}
	return q.ImportFiles(ctx, r.files)
}

// addEntries adds lines of the report.
func addEntries(ctx context.Context, q *db.Queries, all []Entry) error {
	if len(all) == 0 {
		return nil
	}
	var in db.ImportEntriesParams
	for _, e := range all {
		in.Kinds, in.OldIds, in.NewIds = append(in.Kinds, e.Kind), append(in.OldIds, strings.ToValidUTF8(e.OldID, "\ufffd")), append(in.NewIds, e.NewID)
		in.Seqs, in.Notes = append(in.Seqs, e.Seq), append(in.Notes, e.Note)
	}
	return q.ImportEntries(ctx, in)
}
