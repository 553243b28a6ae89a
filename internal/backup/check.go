package backup

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
)

// errAltered is returned for a file with other bytes than were stored.
var errAltered = errors.New("its content has changed since it was stored")

// copyChecked copies r to w. It returns errAltered if r does not have the given size and SHA-256.
// It copies at most size bytes.
func copyChecked(w io.Writer, r io.Reader, size int64, sum []byte) error {
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, h), io.LimitReader(r, size))
	if err != nil {
		return err
	}
	more, err := io.ReadFull(r, make([]byte, 1))
	switch {
	case more > 0:
		return fmt.Errorf("%w (it is longer than %d bytes)", errAltered, size)
	case !errors.Is(err, io.EOF):
		return err
	case n < size:
		return fmt.Errorf("%w (it has %d of %d bytes)", errAltered, n, size)
	case !bytes.Equal(h.Sum(nil), sum):
		return fmt.Errorf("%w (its SHA-256 differs)", errAltered)
	}
	return nil
}
