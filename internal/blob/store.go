package blob

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"time"
)

// Place is a [Folder] or a [Bucket].
type Place interface {
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

// Store keeps blobs in one place, and reads those that are still in others. It is safe for
// concurrent use.
type Store struct {
	Place
	others []Place
}

// NewStore returns a store that writes to the first place and reads from all.
func NewStore(first Place, others ...Place) *Store { return &Store{first, others} }

// Places returns all places. The first one is written to.
func (s *Store) Places() []Place { return append([]Place{s.Place}, s.others...) }

// Open opens a blob for reading, in the first place that has it. It returns [fs.ErrNotExist] if
// none has, and another error if one of them could not be asked.
func (s *Store) Open(name string) (io.ReadSeekCloser, error) {
	return first(s, func(p Place) (io.ReadSeekCloser, error) { return p.Open(name) })
}

// Size returns the number of bytes of a blob. Its errors are those of Open.
func (s *Store) Size(name string) (int64, error) {
	return first(s, func(p Place) (int64, error) { return p.Size(name) })
}

// first returns the result of the first place in which a blob exists. It asks the first place
// again at the end, in case the blob has been moved there meanwhile.
func first[T any](s *Store, ask func(Place) (T, error)) (result T, err error) {
	places := s.Places()
	if len(places) > 1 {
		places = append(places, s.Place)
	}
	var failed error
	for _, p := range places {
		if result, err = ask(p); err == nil {
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

// Delete removes a blob from all places. It returns nil if there is none.
func (s *Store) Delete(name string) error {
	var all error
	for _, p := range s.Places() {
		all = errors.Join(all, p.Delete(name))
	}
	return all
}

// Walk calls yield for every blob of every place, see [Folder.Walk] and [Bucket.Walk]. An error
// of one place does not prevent the walk of the others.
func (s *Store) Walk(yield func(name string, written time.Time, whole bool) error) error {
	var all error
	for _, p := range s.Places() {
		all = errors.Join(all, p.Walk(yield))
	}
	return all
}

// Close closes all places.
func (s *Store) Close() error {
	var all error
	for _, p := range s.Places() {
		all = errors.Join(all, p.Close())
	}
	return all
}
