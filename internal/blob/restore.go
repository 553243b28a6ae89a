package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sync/errgroup"
)

// Restorer stores blobs under the names that they had in another location. It is not safe for
// concurrent use.
type Restorer interface {
	// Put stores all bytes of src as the blob name, and replaces a blob with this name. The
	// blob is durable after Finish. It returns an error for a name that [Location.Put] cannot
	// have returned.
	Put(ctx context.Context, name string, src io.Reader) error
	// Finish waits until all blobs are durable. It returns the first error that Put did not.
	Finish() error
}

// flushesAtOnce is the number of files that a folderRestorer flushes at the same time. One at a
// time, small files would wait for the disk longer than they take to write.
const flushesAtOnce = 8

// folderRestorer is the [Restorer] of a folder.
type folderRestorer struct {
	store   *Folder
	flushes errgroup.Group
	shards  map[string]bool // with new blobs
}

// NewRestorer returns a Restorer. The caller must call Finish.
func (s *Folder) NewRestorer() Restorer {
	r := &folderRestorer{store: s, shards: map[string]bool{}}
	r.flushes.SetLimit(flushesAtOnce)
	return r
}

// Put implements [Restorer].
func (r *folderRestorer) Put(ctx context.Context, name string, src io.Reader) error {
	if !isName(name) {
		return fmt.Errorf("%q is not the name of a file", name)
	}
	s := r.store
	if err := s.room.check(); err != nil {
		return err
	}
	if err := s.root.Mkdir(shard(name), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return s.failed("make folder", err)
	}
	part := path(name) + unfinished
	f, err := s.root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return s.failed("make file", err)
	}
	if _, err := io.Copy(s.room.writer(f), &stoppable{ctx, src}); err != nil {
		return errors.Join(err, s.failed("close file", f.Close()), s.remove(part))
	}
	r.shards[shard(name)] = true
	r.flushes.Go(func() error {
		err := errors.Join(s.failed("flush file", f.Sync()), s.failed("close file", f.Close()))
		if err == nil {
			err = s.failed("name file", s.root.Rename(part, path(name)))
		}
		return err
	})
	return nil
}

// Finish implements [Restorer].
func (r *folderRestorer) Finish() error {
	if err := r.flushes.Wait(); err != nil {
		return err
	}
	for name := range r.shards {
		if err := r.store.sync(name); err != nil {
			return r.store.failed("flush folder", err)
		}
	}
	return r.store.failed("flush folder", r.store.sync("."))
}
