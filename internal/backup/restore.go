package backup

import (
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
	Begin      func() error                         // called when the desk is known to be empty; may be nil
	Secret     func(name string, body []byte) error // stores a file of the data folder
	Identities []age.Identity                       // to decrypt the archive
	Progress   Progress                             // may be nil
}

// maxSecret is the maximum size of a secret in bytes.
const maxSecret = 64 << 10

// Restore fills an empty desk from an archive. The rows commit after everything has been
// read and checked, and after the files are durable, so an error leaves the desk empty; the
// files of the archive that were stored already have no row, and are removed some days
// later. It returns [ErrInUse] for a desk with accounts or tickets, and the errors of
// archives.
func Restore(ctx context.Context, pool *pgxpool.Pool, r io.Reader, o RestoreOptions) (Summary, error) {
	a, err := newReader(r, o.Identities)
	if err != nil {
		return Summary{}, err
	}
	defer a.close()
	load, err := db.BeginLoad(ctx, pool, a.Schema)
	if err != nil {
		return Summary{}, err
	}
	defer load.Close()
	if o.Begin != nil {
		if err := o.Begin(); err != nil {
			return Summary{}, err
		}
	}
	re := &restore{RestoreOptions: o, archive: a, load: load, progress: meter{report: o.Progress, total: a.Bytes}}
	if err := a.each(func(it item) error { return re.item(ctx, it) }); err != nil {
		return Summary{}, err
	}
	killpoint.Reach("archive read")
	if err := o.Files.Finish(); err != nil {
		return Summary{}, err
	}
	killpoint.Reach("files flushed")
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

// restore is one call of [Restore].
type restore struct {
	RestoreOptions
	archive  *reader
	load     *db.Load
	secrets  map[string][]byte
	rows     int64
	progress meter
}

// item stores one item of the archive.
func (re *restore) item(ctx context.Context, it item) error {
	switch it.kind {
	case tableEntry:
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
