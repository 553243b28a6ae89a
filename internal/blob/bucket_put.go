package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/minio/minio-go/v7"
	"golang.org/x/sync/errgroup"
)

// Put stores all bytes of r and returns the name of the blob: 128 random bits in base32. It
// returns after the server has acknowledged the complete object. If r fails or ctx ends,
// nothing is stored, and an error of r is returned unchanged.
func (b *Bucket) Put(ctx context.Context, r io.Reader) (name string, err error) {
	content, err := b.collect(ctx, r)
	if err != nil {
		return "", err
	}
	defer content.close()
	name = newName()
	if err := b.send(ctx, name, content, false); err != nil {
		return "", err
	}
	return name, nil
}

// largestPart is the size of the largest object that is sent in one request, in bytes. Larger
// ones are sent in parts, which the server puts together.
const largestPart = 16 << 20

// send stores content as the blob name. Unless replace is true, an existing blob with this name
// is not replaced. The server compares the content with its MD5 or, without TLS, with the SHA-256 in the
// signature.
func (b *Bucket) send(ctx context.Context, name string, content *collected, replace bool) error {
	limited, stop := context.WithTimeout(ctx, b.times.upload(content.size))
	defer stop()
	opts := minio.PutObjectOptions{SendContentMd5: !b.address.PlainHTTP}
	once := !replace && content.size <= largestPart // a server may refuse the condition for parts; the name is random anyway
	if once {
		opts.SetMatchETagExcept("*")
	}
	err := retry(limited, func() error {
		body := io.NewSectionReader(content, 0, content.size) // an earlier try may still read its own
		_, err := b.uploads.PutObject(limited, b.address.Bucket, name, body, content.size, opts)
		return err
	})
	if once && minio.ToErrorResponse(err).Code == minio.PreconditionFailed {
		// The answer to an earlier try was lost: no other program has this name.
		if size, err := b.Size(name); err == nil && size == content.size {
			return nil
		}
	}
	if limited.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("the server has not taken %d bytes in %v", content.size, b.times.upload(content.size))
	}
	return b.failed(ctx, "store file", err)
}

// retry calls send until it succeeds or the server refuses the request, at most [tries] times.
func retry(ctx context.Context, send func() error) (err error) {
	for i := range tries {
		if err = send(); err == nil {
			return nil
		}
		status := minio.ToErrorResponse(err).StatusCode // 0 if there was no answer
		if i == tries-1 || status != 0 && status != http.StatusTooManyRequests && status < http.StatusInternalServerError {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond << i):
		}
	}
	return err
}

// collected is an upload that has arrived completely: its size is known, and it can be sent
// again if the connection to the bucket fails.
type collected struct {
	io.ReaderAt
	size int64
	file *os.File // nil if it is in memory
}

// close removes the content.
func (c *collected) close() {
	if c.file != nil {
		_ = c.file.Close() // it has no name any more
	}
}

// inMemory is the size up to which an upload is kept in memory, in bytes.
const inMemory = 256 << 10

// collect reads r to its end. It writes large content to a temporary file that has no name.
func (b *Bucket) collect(ctx context.Context, r io.Reader) (*collected, error) {
	r = &stoppable{ctx, r}
	var head bytes.Buffer
	n, err := io.CopyN(&head, r, inMemory)
	switch {
	case errors.Is(err, io.EOF):
		return &collected{ReaderAt: bytes.NewReader(head.Bytes()), size: n}, nil
	case err != nil:
		return nil, err
	}
	if err := b.room.check(); err != nil {
		return nil, err
	}
	f, err := b.room.temporary()
	if err != nil {
		return nil, err
	}
	size, err := io.Copy(b.room.writer(f), io.MultiReader(&head, r))
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &collected{f, size, f}, nil
}

// temporary makes a file without a name, which is gone when it is closed or the program ends.
func (r *room) temporary() (*os.File, error) {
	f, err := os.CreateTemp(r.dir, ".upload-*")
	if err != nil {
		return nil, r.failed("make temporary file", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(r.failed("remove the name of a temporary file", err), f.Close())
	}
	return f, nil
}

// sentAtOnce is the number of blobs that a bucketRestorer sends at the same time.
const sentAtOnce = 8

// bucketRestorer is the [Restorer] of a bucket.
type bucketRestorer struct {
	b    *Bucket
	sent errgroup.Group
}

// NewRestorer returns a Restorer. The caller must call Finish.
func (b *Bucket) NewRestorer() Restorer {
	r := &bucketRestorer{b: b}
	r.sent.SetLimit(sentAtOnce)
	return r
}

// Put implements [Restorer].
func (r *bucketRestorer) Put(ctx context.Context, name string, src io.Reader) error {
	if !isName(name) {
		return fmt.Errorf("%q is not the name of a file", name)
	}
	content, err := r.b.collect(ctx, src)
	if err != nil {
		return err
	}
	r.sent.Go(func() error {
		defer content.close()
		return r.b.send(ctx, name, content, true)
	})
	return nil
}

// Finish implements [Restorer].
func (r *bucketRestorer) Finish() error { return r.sent.Wait() }
