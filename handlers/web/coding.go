package web

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/labstack/echo/v4"

	"frontdesk/internal/accept"
)

// Content codings of answers. Among equals the first is preferred, as by browsers, which
// accept both. For a page of 20 to 50 KB, zstd takes 55 µs with warm caches and 150 with cold
// ones, and gzip 65 to 90 and 80 to 105, but the result of zstd is 7 % smaller.
const (
	zstdCoding = "zstd"
	gzipCoding = "gzip"
)

// worthCoding is the least size in bytes at which compressing saves a packet.
const worthCoding = 1400

// CodingFor returns the content coding of an answer of size bytes: the one that the client
// prefers, or [accept.Identity]. A short answer is compressed only if the client refuses
// uncompressed ones.
func CodingFor(r *http.Request, size int) string {
	values := r.Header.Values(echo.HeaderAcceptEncoding)
	if size < worthCoding && accept.TakesIdentity(values) {
		return accept.Identity
	}
	return accept.Coding(values, zstdCoding, gzipCoding)
}

// SendCoded writes a body with its length, compressed if the client prefers that.
func SendCoded(c echo.Context, status int, contentType string, body []byte) error {
	h := c.Response().Header()
	h.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
	if coding := CodingFor(c.Request(), len(body)); coding != accept.Identity {
		b := Buffers.Get().(*bytes.Buffer)
		defer Buffers.Put(b)
		b.Reset()
		if err := compress(b, coding, body); err != nil {
			return err
		}
		h.Set(echo.HeaderContentEncoding, coding)
		body = b.Bytes()
	}
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(body)))
	return c.Blob(status, contentType, body)
}

// compress writes body to to in a coding.
func compress(to io.Writer, coding string, body []byte) error {
	z := NewCoder(coding, to)
	defer z.Free()
	if _, err := z.Write(body); err != nil {
		return err
	}
	return z.Close()
}

// Coder compresses what is written to it. Close writes the end.
type Coder struct {
	resettable
	pool *sync.Pool
}

// resettable has the common methods of [gzip.Writer] and [zstd.Encoder].
type resettable interface {
	io.WriteCloser
	Reset(to io.Writer)
}

// NewCoder returns a coder that writes to to, in a coding of [CodingFor] other than
// [accept.Identity]. Free releases it.
func NewCoder(coding string, to io.Writer) *Coder {
	pool := &gzips
	if coding == zstdCoding {
		pool = &zstds
	}
	z := pool.Get().(resettable)
	z.Reset(to)
	return &Coder{z, pool}
}

// Free lets later answers use the coder.
func (z *Coder) Free() {
	z.Reset(nil)
	z.pool.Put(z.resettable)
}

// zstds has encoders of the fastest level. With this window, an encoder keeps 410 KiB. The
// next level takes half as long again and 1.5 MiB, for results that are 5 % smaller.
var zstds = sync.Pool{New: func() any {
	return must(zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(128<<10), zstd.WithLowerEncoderMem(true)))
}}

// gzips has writers that keep no tables between writes. Level 4 takes half as long again
// and keeps 936 KiB a writer, for results that are 8 % smaller.
var gzips = sync.Pool{New: func() any { return must(gzip.NewWriterLevel(nil, gzip.StatelessCompression)) }}

// must returns z. The options of coders are constants, so that err is nil.
func must[T any](z T, err error) T {
	if err != nil {
		panic(err)
	}
	return z
}
