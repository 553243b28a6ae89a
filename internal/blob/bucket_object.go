package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
)

// firstBytes is the number of bytes that Open reads.
const firstBytes = 512

// Open opens a blob for reading, after its first bytes have arrived. It returns
// [fs.ErrNotExist] if there is no blob of that name, also if the name is not valid.
func (b *Bucket) Open(name string) (io.ReadSeekCloser, error) {
	if !isName(name) {
		return nil, fs.ErrNotExist
	}
	o := &object{b: b, name: name}
	if err := o.request(0); err != nil {
		return nil, err
	}
	first := make([]byte, min(o.size, firstBytes))
	if n, err := io.ReadFull(o.body, first); err != nil {
		return nil, errors.Join(b.failed(context.Background(), fmt.Sprintf("read file %s, of whose %d bytes %d arrived,", name, o.size, n), err), o.Close())
	}
	o.first, o.at = first, int64(len(first))
	return o, nil
}

// object reads a blob of a bucket. It is not safe for concurrent use.
type object struct {
	b     *Bucket
	name  string
	size  int64
	etag  string
	first []byte // the beginning of the blob
	next  int64  // the offset that Read returns next

	body io.ReadCloser // of the current request; nil if there is none
	at   int64         // the offset of the next byte of body
	stop func()        // ends the current request
}

// request requests the bytes from an offset to the end. The first request sets the size; for
// the others it returns an error unless the server returns the rest of the same object.
func (o *object) request(from int64) error {
	var opts minio.GetObjectOptions
	if from > 0 {
		if err := errors.Join(opts.SetRange(from, 0), opts.SetMatchETag(o.etag)); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	late := time.AfterFunc(o.b.times.answer, cancel)
	body, info, header, err := o.b.client.GetObject(ctx, o.b.address.Bucket, o.name, opts)
	if !late.Stop() { // ctx has ended
		if err == nil {
			_ = body.Close()
		}
		err = fmt.Errorf("no answer in %v", o.b.times.answer)
	}
	if err != nil {
		cancel()
		return o.b.failed(context.Background(), "read file "+o.name, err)
	}
	o.body, o.at, o.stop = body, from, cancel
	if from == 0 {
		o.size, o.etag = info.Size, info.ETag
		return o.checkSize()
	}
	if want := fmt.Sprintf("bytes %d-%d/%d", from, o.size-1, o.size); !strings.EqualFold(header.Get("Content-Range"), want) {
		return errors.Join(o.failed(fmt.Errorf("the server sends %q instead of %q", header.Get("Content-Range"), want)), o.Close())
	}
	return nil
}

// checkSize returns an error if the server has not sent the size of the blob.
func (o *object) checkSize() error {
	if o.size < 0 {
		return errors.Join(o.failed(errors.New("the server does not say how many bytes it has")), o.Close())
	}
	return nil
}

// failed wraps an error of reading.
func (o *object) failed(err error) error {
	return o.b.failed(context.Background(), fmt.Sprintf("read file %s at byte %d of %d", o.name, o.next, o.size), err)
}

// Read implements [io.Reader]. If the connection breaks off, it continues with another one.
func (o *object) Read(p []byte) (int, error) {
	switch {
	case o.next >= o.size:
		return 0, io.EOF
	case o.next < int64(len(o.first)):
		n := copy(p, o.first[o.next:])
		o.next += int64(n)
		return n, nil
	case len(p) == 0:
		return 0, nil
	}
	n, err := o.readBody(p)
	if n == 0 && err != nil { // no progress: once more, on a new connection
		if err := o.Close(); err != nil {
			return 0, err
		}
		n, err = o.readBody(p)
	}
	o.next += int64(n)
	if n > 0 {
		return n, nil
	}
	return 0, err
}

// readBody reads from the current request, or from a new one if that is at another offset.
func (o *object) readBody(p []byte) (int, error) {
	if o.body == nil || o.at != o.next {
		if err := errors.Join(o.Close(), o.request(o.next)); err != nil {
			return 0, err
		}
	}
	n, err := o.body.Read(p[:min(int64(len(p)), o.size-o.next)])
	o.at += int64(n)
	if n == 0 && err != nil {
		return 0, o.failed(err)
	}
	return n, nil
}

// Seek implements [io.Seeker].
func (o *object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += o.next
	case io.SeekEnd:
		offset += o.size
	}
	if offset < 0 {
		return 0, errors.New("seek to a negative offset")
	}
	o.next = offset
	return offset, nil
}

// Close ends the current request, if there is one.
func (o *object) Close() error {
	if o.body == nil {
		return nil
	}
	body := o.body
	o.body = nil
	defer o.stop()
	if o.at == o.size {
		_, _ = body.Read(make([]byte, 1)) // the end of the answer, so that the connection can be used again
	}
	return body.Close()
}
