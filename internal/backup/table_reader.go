package backup

import (
	"bytes"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
)

// tableReader reads the parts of a table as one. Each row ends with a line feed, which the
// text format of COPY escapes inside values.
type tableReader struct {
	archive *reader
	prefix  string
	sum     hash.Hash
	bytes   int64
	rows    int64
	err     error
}

// Read implements [io.Reader].
func (t *tableReader) Read(p []byte) (int, error) {
	for t.err == nil {
		n, err := t.archive.tar.Read(p)
		t.sum.Write(p[:n])
		t.bytes += int64(n)
		t.rows += int64(bytes.Count(p[:n], []byte{'\n'}))
		switch {
		case errors.Is(err, io.EOF):
			t.err = t.nextPart()
		case err != nil:
			t.err = fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, t.err
}

// nextPart goes to the next part. It returns [io.EOF] if the next entry is not one.
func (t *tableReader) nextPart() error {
	h, err := t.archive.tar.Next()
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%w: it is incomplete", ErrDamaged)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	case !strings.HasPrefix(h.Name, t.prefix):
		t.archive.header = h
		return io.EOF
	}
	return nil
}
