package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"filippo.io/age"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/killpoint"
)

// program is the name in the manifest of an archive.
const program = "frontdesk"

// Files opens attachments by name. The error is [fs.ErrNotExist] if there is none.
type Files interface {
	Open(name string) (io.ReadSeekCloser, error)
}

// Options configure a backup.
type Options struct {
	Files      Files             // nil for an archive without attachments
	Secrets    map[string][]byte // files of the data folder; nil for none
	Recipients []age.Recipient   // who can decrypt the archive; nil for an archive that is not encrypted
	Version    string            // of this program
	Now        time.Time         // the time that the archive gets
	Progress   Progress          // may be nil
	Paced      bool              // pause between reads, because the desk is being served; takes three times as long
	Replica    *pgxpool.Pool     // server to read instead of the primary; may be nil
	OnPrimary  func(error)       // called if Replica cannot be read and the primary is; may be nil
}

// open begins the snapshot: on the replica if there is one and it is up to date, otherwise on the
// primary.
func (o Options) open(ctx context.Context, pool *pgxpool.Pool) (*db.Snapshot, error) {
	if o.Replica != nil {
		s, err := db.OpenReplicaSnapshot(ctx, pool, o.Replica)
		if err == nil {
			return s, nil
		}
		if o.OnPrimary != nil {
			o.OnPrimary(err)
		}
	}
	return db.OpenSnapshot(ctx, pool)
}

// Summary describes the contents of an archive.
type Summary struct {
	TakenAt   time.Time `json:"takenAt"`
	Schema    int64     `json:"schema"`
	Rows      int64     `json:"rows"`
	Files     int64     `json:"files"`
	FileBytes int64     `json:"fileBytes"`
	Secrets   int       `json:"secrets"`
	Encrypted bool      `json:"encrypted"`
}

// ErrMissingFile is returned for an attachment that is not in the folder of files, or has
// other bytes than were stored.
var ErrMissingFile = errors.New("an attachment is missing or damaged")

// Write writes an archive of the desk as it is now to w. Others may use the desk meanwhile.
// It returns [ErrMissingFile] if an attachment is missing or has changed. After an error w
// has an incomplete archive.
func Write(ctx context.Context, pool *pgxpool.Pool, w io.Writer, o Options) (Summary, error) {
	snapshot, err := o.open(ctx, pool)
	if err != nil {
		return Summary{}, err
	}
	defer snapshot.Close()
	b := &backup{Options: o, snapshot: snapshot, progress: meter{report: o.Progress}}
	b.observer = &b.progress
	if o.Paced {
		b.observer = io.MultiWriter(&b.progress, &pacer{})
	}
	if err := b.write(snapshot.Context(ctx), w); err != nil {
		return Summary{}, err
	}
	return b.summary(), nil
}

// backup is one call of [Write].
type backup struct {
	Options
	snapshot *db.Snapshot
	archive  *writer
	manifest Manifest
	progress meter
	observer io.Writer // gets a copy of the rows and files
}

// write writes the archive.
func (b *backup) write(ctx context.Context, w io.Writer) error {
	tables, err := b.describe(ctx)
	if err != nil {
		return err
	}
	if b.archive, err = newWriter(w, b.Recipients, b.manifest); err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	for _, t := range tables {
		killpoint.Reach("write table " + t.Name)
		err := b.archive.table(t.Name, func(w io.Writer) (int64, error) { return b.snapshot.Copy(ctx, t, io.MultiWriter(w, b.observer)) })
		if err != nil {
			return err
		}
	}
	if b.Files != nil {
		if err := b.writeFiles(ctx); err != nil {
			return err
		}
	}
	if err := b.snapshot.Locked(ctx); err != nil {
		return err
	}
	for name, body := range b.Secrets {
		if err := b.archive.secret(name, body); err != nil {
			return fmt.Errorf("write the archive: %w", err)
		}
	}
	killpoint.Reach("write end")
	if err := b.archive.finish(); err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	return nil
}

// schemaWithInstance is the first version of the schema with the table instance.
const schemaWithInstance = 14

// describe fills in the manifest and returns the tables.
func (b *backup) describe(ctx context.Context) (tables []db.Table, err error) {
	q := b.snapshot.Queries()
	m := Manifest{Program: program, Format: Format, Version: b.Version, Server: b.snapshot.Server(), TakenAt: b.Now.UTC().Truncate(time.Second)}
	if m.Schema, err = b.snapshot.Schema(ctx); err != nil {
		return nil, err
	}
	if m.Schema >= schemaWithInstance {
		if m.Instance, err = q.InstanceID(ctx); err != nil {
			return nil, fmt.Errorf("read the instance: %w", err)
		}
	}
	if tables, err = b.snapshot.Tables(ctx); err != nil {
		return nil, err
	}
	if m.Sequences, err = b.snapshot.Sequences(ctx); err != nil {
		return nil, err
	}
	totals, err := q.BackupTotals(ctx)
	if err != nil {
		return nil, fmt.Errorf("count files: %w", err)
	}
	if b.Files != nil {
		m.Files, m.FileBytes, m.Bytes = totals.Files, totals.Bytes, totals.Bytes
	}
	for _, t := range tables {
		m.Tables = append(m.Tables, Table{Name: t.Name, Columns: t.Columns})
		m.Bytes += t.Bytes
	}
	b.manifest, b.progress.total = m, m.Bytes
	return tables, nil
}

// filesPerQuery is the number of attachments that are read from the database at once.
const filesPerQuery = 500

// writeFiles adds the attachments.
func (b *backup) writeFiles(ctx context.Context) error {
	for after := int64(0); ; {
		files, err := b.snapshot.Queries().BackupFiles(ctx, db.BackupFilesParams{After: after, Max: filesPerQuery})
		if err != nil {
			return fmt.Errorf("list files: %w", err)
		}
		for _, f := range files {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := b.writeFile(f); err != nil {
				return err
			}
			after = f.ID
		}
		if len(files) < filesPerQuery {
			return nil
		}
	}
}

// writeFile adds one attachment. It skips a missing one that was removed from its ticket.
func (b *backup) writeFile(f db.BackupFilesRow) error {
	r, err := b.Files.Open(f.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !f.Needed:
		return nil
	case err != nil:
		return fmt.Errorf("%w: %s: %w", ErrMissingFile, f.Name, err)
	}
	defer r.Close()
	killpoint.Reach("write file")
	err = b.archive.file(f.Name, f.Size, f.Sha256, io.TeeReader(r, b.observer))
	if errors.Is(err, errAltered) {
		return fmt.Errorf("%w: %s: %w", ErrMissingFile, f.Name, err)
	}
	return err
}

// summary returns what the archive has.
func (b *backup) summary() Summary {
	s := Summary{TakenAt: b.manifest.TakenAt, Schema: b.manifest.Schema, Encrypted: len(b.Recipients) > 0,
		Files: b.archive.end.Files, FileBytes: b.archive.end.FileBytes, Secrets: b.archive.end.Secrets}
	for _, t := range b.archive.end.Tables {
		s.Rows += t.Rows
	}
	return s
}
