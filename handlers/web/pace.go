package web

import (
	"io"
	"time"
)

// How long a form with files may take. A slow line has a quarter of an hour; a
// client that sends nothing, or next to nothing, holds a connection and a slot for
// a minute (as mod_reqtimeout of Apache does with MinRate).
const (
	uploadTime = 15 * time.Minute // in all
	uploadIdle = time.Minute      // without a byte, and before slowest counts
	slowest    = 4 << 10          // bytes a second
)

// pacedBody is a body that has to keep coming: each read has a deadline.
type pacedBody struct {
	io.ReadCloser
	setDeadline func(time.Time) error
	began       time.Time
	read        int64 // bytes
}

func (p *pacedBody) Read(b []byte) (int, error) {
	_ = p.setDeadline(readDeadline(p.began, time.Now(), p.read)) // a test's recorder has none
	n, err := p.ReadCloser.Read(b)
	p.read += int64(n)
	return n, err
}

// readDeadline returns until when the next byte has to come.
func readDeadline(began, now time.Time, read int64) time.Time {
	earliest := began.Add(uploadTime)
	for _, end := range []time.Time{now.Add(uploadIdle), began.Add(uploadIdle + time.Duration(read)*time.Second/slowest)} {
		if end.Before(earliest) {
			earliest = end
		}
	}
	return earliest
}
