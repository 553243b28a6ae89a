package desk

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"

	"frontdesk/internal/fault"
)

// fileError converts an error of storing a file. If the user can correct the cause, it
// returns [*fault.Invalid] with a message for the field. A failed read of the request is
// returned as it is, and any other error is [fault.ErrStorage].
func (s *Files) fileError(ctx context.Context, filename string, m *meter, err error) error {
	switch {
	case errors.Is(err, ErrEmptyFile):
		return fault.NewInvalid("attachment", filename+" is empty. Choose it again, or leave it out. Of a folder, choose the files in it.")
	case errors.Is(err, fault.ErrTooLarge):
		if err := m.drain(); err != nil {
			return err
		}
		return fmt.Errorf("%w: %w", fault.ErrTooLarge, fault.NewInvalid("attachment",
			fmt.Sprintf("%s has %s; the limit is %s. Send a smaller one.", filename, mebibytes(m.size), mebibytes(m.limit))))
	}
	if m.failed == nil && ctx.Err() == nil {
		return fmt.Errorf("%w: %w", fault.ErrStorage, err)
	}
	return fmt.Errorf("read file: %w", err)
}

// mebibytes formats a number of bytes as KiB or MiB.
func mebibytes(n int64) string {
	if n < 1<<20 {
		return strconv.FormatInt((n+1023)>>10, 10) + " KiB"
	}
	text := strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64)
	return trimZero(text) + " MiB"
}

// trimZero removes a final ".0".
func trimZero(text string) string {
	if len(text) > 2 && text[len(text)-2:] == ".0" {
		return text[:len(text)-2]
	}
	return text
}

// meter is a reader that counts and hashes the bytes read from r, and returns
// [fault.ErrTooLarge] if there are more than limit.
type meter struct {
	r     io.Reader
	limit int64
	size  int64
	hash  hash.Hash
	head  []byte
	text  *textCheck // nil if the file cannot be text

	failed error // the last error of r other than io.EOF
}

// newMeter returns a meter for r. It reads the first bytes of r to detect the type. An
// error of that read is returned by the meter's Read.
func newMeter(r io.Reader, limit int64) *meter {
	ahead := bufio.NewReaderSize(r, headLength)
	head, _ := ahead.Peek(headLength)
	m := &meter{r: ahead, limit: limit, hash: sha256.New(), head: bytes.Clone(head)}
	if typeOf(head) == textType {
		m.text = newTextCheck(head)
	}
	return m
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if err != io.EOF {
		m.failed = err
	}
	m.size += int64(n)
	if m.size > m.limit {
		return 0, fault.ErrTooLarge
	}
	m.hash.Write(p[:n])
	if m.text != nil {
		_, _ = m.text.Write(p[:n]) // an invalid text is reported by result
	}
	return n, err
}

// fileType returns the type of the file that was read, and its charset if it is known.
func (m *meter) fileType() (contentType, charset string) {
	if m.text == nil {
		return typeOf(m.head), ""
	}
	return m.text.result()
}

// drain reads the rest of the file to measure its size.
func (m *meter) drain() error {
	n, err := io.Copy(io.Discard, m.r)
	m.size += n
	return err
}
