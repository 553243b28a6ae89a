package blob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Bucket is a bucket of S3 with blobs. It is safe for concurrent use, also by several
// processes on the same bucket.
type Bucket struct {
	address     Address
	client      minio.Core
	uploads     *minio.Client // tries each request once, see [Bucket.send]
	connections *http.Transport
	room        room // for uploads on their way to the bucket
	times       times
}

// times are limits of the requests to a bucket.
type times struct {
	answer time.Duration // until a request that sends and receives little is answered
	stall  time.Duration // without any byte, in one direction or the other
	mib    time.Duration // added for each MiB that is sent
}

// usual has the times of a server that works. An upload of 10 MiB may take 25 s, and one of
// the largest file, 1 GiB, 17 minutes, which is less than a day, after which blobs without a
// row are swept.
var usual = times{answer: 15 * time.Second, stall: 15 * time.Second, mib: time.Second}

// tries is how often a request is sent if the server does not answer or is busy.
const tries = 3

// OpenBucket opens a bucket. It sends no request; see [Bucket.Check]. Uploads are written to
// temporary files in the folder dir before they are sent.
func OpenBucket(a Address, dir string) (*Bucket, error) {
	if a.Key == "" {
		return nil, fmt.Errorf("the address of the bucket %s has no key: write s3://KEY:SECRET@%s/%s", a, a.Host, a.Bucket)
	}
	b := &Bucket{address: a, room: newRoom(dir), times: usual}
	b.connections = b.transport()
	opts := minio.Options{
		Creds: credentials.NewStaticV4(a.Key, a.Secret, ""), Secure: !a.PlainHTTP, Region: a.Region, MaxRetries: tries, Transport: b.connections,
	}
	client, err := minio.New(a.Host, &opts)
	if err != nil {
		return nil, fmt.Errorf("the address of the bucket %s is not valid: %w", a, err)
	}
	b.client = minio.Core{Client: client}
	opts.MaxRetries = 1
	b.uploads, err = minio.New(a.Host, &opts)
	return b, err
}

// transport returns the connections to the server. None of them waits longer than
// times.stall for the other side.
func (b *Bucket) transport() *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &impatientConn{conn, b}, nil
		},
		MaxIdleConnsPerHost: 64, TLSHandshakeTimeout: 5 * time.Second,
		DisableCompression: true, // the bytes are those that were stored
	}
}

// impatientConn is a connection that fails if no byte arrives or leaves for times.stall. A byte in one
// direction also prolongs the wait in the other: the answer to an upload may begin after its last byte.
type impatientConn struct {
	net.Conn
	b *Bucket
}

func (c *impatientConn) Read(p []byte) (int, error) {
	_ = c.SetDeadline(time.Now().Add(c.b.times.stall)) // it fails only for a closed connection
	return c.Conn.Read(p)
}

func (c *impatientConn) Write(p []byte) (int, error) {
	_ = c.SetDeadline(time.Now().Add(c.b.times.stall))
	return c.Conn.Write(p)
}

// String returns the address of the bucket without its key.
func (b *Bucket) String() string { return b.address.String() }

// Close closes the connections that are not in use.
func (b *Bucket) Close() error {
	b.connections.CloseIdleConnections()
	return nil
}

// failed wraps an error of a request with the operation and the bucket. An object that does
// not exist is [fs.ErrNotExist], a bucket that is full is [syscall.ENOSPC], and the end of ctx
// is its error. Other causes are only text: a connection to the bucket that breaks off is not one to
// a client of the desk.
func (b *Bucket) failed(ctx context.Context, what string, err error) error {
	answer := minio.ToErrorResponse(err)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s in %s: %w", what, b, ctx.Err())
	case answer.Code == minio.NoSuchKey:
		return fmt.Errorf("%s in %s: %w", what, b, fs.ErrNotExist)
	case answer.StatusCode == http.StatusInsufficientStorage, strings.HasSuffix(answer.Code, "QuotaExceeded"), answer.Code == "XMinioStorageFull":
		return fmt.Errorf("%s in %s: %s: %w", what, b, answer.Message, syscall.ENOSPC)
	}
	return &bucketError{b.String(), what, answer.Code, err.Error()}
}

// bucketError is an error of a request to a bucket.
type bucketError struct{ bucket, what, code, cause string }

// Error returns the operation, the bucket and the cause.
func (e *bucketError) Error() string {
	if e.code == "" {
		return fmt.Sprintf("%s in %s: %s", e.what, e.bucket, e.cause)
	}
	return fmt.Sprintf("%s in %s: %s (%s)", e.what, e.bucket, e.cause, e.code)
}

// Size returns the number of bytes of a blob. It returns [fs.ErrNotExist] if there is none of
// that name, or no bucket.
func (b *Bucket) Size(name string) (int64, error) {
	if !isName(name) {
		return 0, fs.ErrNotExist
	}
	ctx, stop := context.WithTimeout(context.Background(), b.times.answer)
	defer stop()
	info, err := b.client.StatObject(ctx, b.address.Bucket, name, minio.StatObjectOptions{})
	return info.Size, b.failed(context.Background(), "look at file", err)
}

// Delete removes a blob, or the unfinished uploads of one. It returns nil if there is none.
func (b *Bucket) Delete(name string) error {
	base, isPart := strings.CutSuffix(name, unfinished)
	if !isName(base) {
		return nil
	}
	ctx, stop := context.WithTimeout(context.Background(), b.times.answer)
	defer stop()
	remove := func() error { return b.client.RemoveObject(ctx, b.address.Bucket, base, minio.RemoveObjectOptions{}) }
	if isPart {
		remove = func() error { return b.client.RemoveIncompleteUpload(ctx, b.address.Bucket, base) }
	}
	if err := b.failed(context.Background(), "remove file", remove()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Walk calls yield for every blob, with its name, the time of its last write, and whether it is
// complete. An incomplete one is an upload in parts, which is either running or left by a
// program that was killed. Walk stops at the first error and returns it.
func (b *Bucket) Walk(yield func(name string, written time.Time, whole bool) error) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	for o := range b.client.ListObjectsIter(ctx, b.address.Bucket, minio.ListObjectsOptions{Recursive: true}) {
		switch {
		case o.Err != nil:
			return b.failed(ctx, "list files", o.Err)
		case !isName(o.Key):
			continue
		}
		if err := yield(o.Key, o.LastModified, true); err != nil {
			return err
		}
	}
	return b.walkUnfinished(ctx, yield)
}

// walkUnfinished is the part of Walk for incomplete uploads. The server reports only when they
// began; they may have been written until the longest upload has ended.
func (b *Bucket) walkUnfinished(ctx context.Context, yield func(name string, written time.Time, whole bool) error) error {
	for o := range b.client.Client.ListIncompleteUploads(ctx, b.address.Bucket, "", true) {
		switch {
		case o.Err != nil:
			return b.failed(ctx, "list unfinished uploads", o.Err)
		case !isName(o.Key):
			continue
		}
		if err := yield(o.Key+unfinished, o.Initiated.Add(b.times.upload(maxBlob)), false); err != nil {
			return err
		}
	}
	return nil
}

// maxBlob is the size of the largest blob, in bytes: the highest MAX_UPLOAD_MIB.
const maxBlob = 1 << 30

// upload returns how long an upload of size bytes may take.
func (t times) upload(size int64) time.Duration {
	return t.answer + time.Duration(size>>20)*t.mib
}
