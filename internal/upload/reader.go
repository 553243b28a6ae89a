package upload

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"hash"
	"io"

	"frontdesk/internal/fault"
)

// Reader reads a file. It counts and hashes its bytes, detects its type, and returns
// [fault.ErrTooLarge] if the file has more bytes than its limit.
type Reader struct {
	r     io.Reader
	limit int64
	size  int64
	hash  hash.Hash
	head  []byte
	text  *textCheck // nil if the file cannot be text

	failed error // the last error of r other than io.EOF
}

// NewReader returns a reader of at most limit bytes of r. It reads the first bytes of r to
// detect the type. An error of that read is returned by [Reader.Read].
func NewReader(r io.Reader, limit int64) *Reader {
	ahead := bufio.NewReaderSize(r, headLength)
	head, _ := ahead.Peek(headLength)
	reader := &Reader{r: ahead, limit: limit, hash: sha256.New(), head: bytes.Clone(head)}
	if typeOf(head) == textType {
		reader.text = newTextCheck(head)
	}
	return reader
}

// Size returns the number of bytes that were read.
func (r *Reader) Size() int64 { return r.size }

// Limit returns the maximum number of bytes.
func (r *Reader) Limit() int64 { return r.limit }

// Failed returns the last error of the underlying reader other than [io.EOF], or nil.
func (r *Reader) Failed() error { return r.failed }

// Read implements [io.Reader].
func (r *Reader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != io.EOF {
		r.failed = err
	}
	r.size += int64(n)
	if r.size > r.limit {
		return 0, fault.ErrTooLarge
	}
	r.hash.Write(p[:n])
	if r.text != nil {
		_, _ = r.text.Write(p[:n]) // an invalid text is reported by result
	}
	return n, err
}

// fileType returns the type of the file that was read, and its charset if it is known.
func (r *Reader) fileType() (contentType, charset string) {
	if r.text == nil {
		return typeOf(r.head), ""
	}
	return r.text.result()
}

// Drain reads the rest of the file to measure its size.
func (r *Reader) Drain() error {
	n, err := io.Copy(io.Discard, r.r)
	r.size += n
	return err
}
