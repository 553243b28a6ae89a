package backup

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	"filippo.io/age"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/killpoint"
)

// ErrInUse is returned if the desk that should be restored has data.
var ErrInUse = db.ErrInUse

// Restorer stores attachments under the names that they had.
type Restorer interface {
	Put(ctx context.Context, name string, r io.Reader) error
	// Finish returns after all files are durable.
	Finish() error
}

// RestoreOptions say how to restore a desk.
type RestoreOptions struct {
	Files      Restorer
	Begin      func() error                         // called when the desk is known to be empty, before anything is written; may be nil
	Secret     func(name string, body []byte) error // stores a file of the data folder
	Identities []age.Identity                       // to decrypt the archive
	EndMails   bool                                 // mark mails that were not sent as failed, because the desk of the archive may have sent them later
	Progress   Progress                             // may be nil
}

// maxSecret is the maximum size of a secret in bytes.
const maxSecret = 64 << 10

// Restore fills an empty desk from an archive. The rows commit after everything has been read and
// checked, and after the files are durable. So an error leaves the desk empty; attachments that
// were stored before it belong to no row, and are removed some days later. Restore returns
// [ErrInUse] for a desk with accounts or tickets, [ErrNewer] for an archive of a schema that this
// program does not know, and the errors of archives.
func Restore(ctx context.Context, pool *pgxpool.Pool, r io.Reader, o RestoreOptions) (Summary, error) {
	a, err := newReader(r, o.Identities)
	if err != nil {
		return Summary{}, err
	}
	defer a.close()
	if err := begin(ctx, pool, a.Schema, o.Begin); err != nil {
		return Summary{}, err
	}
	load, err := db.BeginLoad(ctx, pool, a.Schema)
	if err != nil {
		return Summary{}, err
	}
	defer load.Close()
	re := &restore{RestoreOptions: o, archive: a, load: load, progress: meter{report: o.Progress, total: a.Bytes}, copied: make(chan struct{})}
	if err := re.read(ctx); err != nil {
		return Summary{}, err
	}
	for name, body := range re.secrets {
		if err := o.Secret(name, body); err != nil {
			return Summary{}, fmt.Errorf("store %s: %w", name, err)
		}
	}
	killpoint.Reach("secrets stored")
	if err := load.Commit(ctx, a.Sequences); err != nil {
		return Summary{}, err
	}
	killpoint.Reach("rows committed")
	return re.summary(), nil
}

// mailsEnded is the reason that failed mails of a restored desk have.
const mailsEnded = "restored from a backup: it may have been sent already"

// begin calls the function for an empty desk, before anything is written. It returns [ErrNewer] for
// an archive of a schema that this program does not know, and [ErrInUse] for a desk with data.
func begin(ctx context.Context, pool *pgxpool.Pool, schema int64, call func() error) error {
	_, newest, err := db.SchemaVersions(ctx, pool)
	switch {
	case err != nil:
		return err
	case schema > newest:
		return fmt.Errorf("%w (its schema is %d, this program knows %d)", ErrNewer, schema, newest)
	case call == nil:
		return nil
	}
	used, err := db.HasData(ctx, pool)
	switch {
	case err != nil:
		return err
	case used:
		return ErrInUse
	}
	return call()
}

// restore is one call of [Restore].
type restore struct {
	RestoreOptions
	archive  *reader
	load     *db.Load
	secrets  map[string][]byte
	rows     int64
	progress meter
	indexing bool          // all tables were copied
	copied   chan struct{} // closed when indexing is set
}

// read stores the items of the archive. The indexes are created while the attachments, which
// follow the tables, are written. An error of the archive is returned rather than one of the
// indexes, because rows that were altered can be the cause of the latter.
func (re *restore) read(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	indexed := make(chan error, 1)
	go func() { indexed <- re.index(ctx) }()
	err := re.items(ctx)
	if err != nil {
		stop()
	}
	return cmp.Or(err, <-indexed)
}

// items stores the items, and returns when the attachments are durable.
func (re *restore) items(ctx context.Context) error {
	if err := re.archive.each(func(it item) error { return re.item(ctx, it) }); err != nil {
		return err
	}
	re.endTables()
	killpoint.Reach("archive read")
	if err := re.Files.Finish(); err != nil {
		return err
	}
	killpoint.Reach("files flushed")
	return nil
}

// endTables lets index start.
func (re *restore) endTables() {
	if !re.indexing {
		re.indexing = true
		close(re.copied)
	}
}

// index creates the indexes when all tables were copied.
func (re *restore) index(ctx context.Context) error {
	select {
	case <-re.copied:
	case <-ctx.Done():
		return ctx.Err()
	}
	if re.EndMails {
		if err := re.load.EndMails(ctx, mailsEnded); err != nil {
			return err
		}
	}
	return re.load.Index(ctx)
}

// item stores one item of the archive.
func (re *restore) item(ctx context.Context, it item) error {
	if it.kind != tableEntry {
		re.endTables()
	}
	switch it.kind {
	case tableEntry:
		if re.indexing {
			return fmt.Errorf("%w: the table %q is behind the files", ErrDamaged, it.name)
		}
		killpoint.Reach("restore table " + it.name)
		return re.table(ctx, it)
	case fileEntry:
		killpoint.Reach("restore file")
		return re.Files.Put(ctx, it.name, io.TeeReader(it.body, &re.progress))
	}
	body, err := io.ReadAll(io.LimitReader(it.body, maxSecret))
	if err != nil {
		return damaged(secretPrefix+it.name, err)
	}
	if re.secrets == nil {
		re.secrets = map[string][]byte{}
	}
	re.secrets[it.name] = body
	return nil
}

// table stores the rows of a table.
func (re *restore) table(ctx context.Context, it item) error {
	for _, t := range re.archive.Tables {
		if t.Name != it.name {
			continue
		}
		rows, err := re.load.Copy(ctx, t.db(), io.TeeReader(it.body, &re.progress))
		re.rows += rows
		return err
	}
	return fmt.Errorf("%w: the table %q is not in its manifest", ErrDamaged, it.name)
}

// summary returns what was restored.
func (re *restore) summary() Summary {
	seen := re.archive.seen
	return Summary{TakenAt: re.archive.TakenAt.In(time.UTC), Schema: re.archive.Schema, Rows: re.rows, Files: seen.Files, FileBytes: seen.FileBytes, Secrets: seen.Secrets}
}
