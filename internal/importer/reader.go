package importer

import (
	"io"
	"os"
)

// reader reads a file of the source. It distinguishes its errors from those of the store.
type reader struct {
	f      *os.File
	failed error // other than io.EOF
}

// Read implements [io.Reader].
func (r *reader) Read(p []byte) (int, error) {
	n, err := r.f.Read(p)
	if err != nil && err != io.EOF {
		r.failed = err
	}
	return n, err
}
