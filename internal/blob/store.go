package blob

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"time"
)

// Location is a [Folder] or a [Bucket].
type Location interface {
	Put(ctx context.Context, r io.Reader) (name string, err error)
	Open(name string) (io.ReadSeekCloser, error)
	Size(name string) (int64, error)
	Delete(name string) error
	Walk(yield func(name string, written time.Time, whole bool) error) error
	NewRestorer() Restorer
	// String returns the path or the address, without a key.
	String() string
	Close() error
}

// Store keeps blobs in one location, and reads those that are still in others. It is safe for
// concurrent use.
type Store struct {
	Location
	others []Location
}

// NewStore returns a store that writes to the first location and reads from all.
func NewStore(first Location, others ...Location) *Store { return &Store{first, others} }

// Locations returns all locations. The first one is written to.
func (s *Store) Locations() []Location { return append([]Location{s.Location}, s.others...) }

// Open opens a blob for reading, in the first location that has it. It returns [fs.ErrNotExist] if
// none has, and another error if one of them could not be asked.
func (s *Store) Open(name string) (io.ReadSeekCloser, error) {
	return first(s, func(l Location) (io.ReadSeekCloser, error) { return l.Open(name) })
}

// Size returns the number of bytes of a blob. Its errors are those of Open.
func (s *Store) Size(name string) (int64, error) {
	return first(s, func(l Location) (int64, error) { return l.Size(name) })
}

// first returns the result of the first location in which a blob exists. It asks the first location
// again at the end, in case the blob has been moved there meanwhile.
func first[T any](s *Store, ask func(Location) (T, error)) (result T, err error) {
	locations := s.Locations()
	if len(locations) > 1 {
		locations = append(locations, s.Location)
	}
	var failed error
	for _, l := range locations {
		if result, err = ask(l); err == nil {
			return result, nil
		}
		if failed == nil && !errors.Is(err, fs.ErrNotExist) {
			failed = err
		}
	}
	if failed != nil {
		return result, failed
	}
	return result, err
}

// Delete removes a blob from all locations. It returns nil if there is none.
func (s *Store) Delete(name string) error {
	var all error
	for _, l := range s.Locations() {
		all = errors.Join(all, l.Delete(name))
	}
	return all
}

// Walk calls yield for every blob of every location, see [Folder.Walk] and [Bucket.Walk]. An error
// of one location does not prevent the walk of the others.
func (s *Store) Walk(yield func(name string, written time.Time, whole bool) error) error {
	var all error
	for _, l := range s.Locations() {
		all = errors.Join(all, l.Walk(yield))
	}
	return all
}

// Close closes all locations.
func (s *Store) Close() error {
	var all error
	for _, l := range s.Locations() {
		all = errors.Join(all, l.Close())
	}
	return all
}
