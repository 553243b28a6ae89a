package web

import (
	"io"
	"time"
)

// Limits of the time for a form with files. A slow connection has 15 minutes. A client that
// sends almost nothing keeps a connection and a slot for at most a minute (like MinRate of
// Apache's mod_reqtimeout).
const (
	uploadTime = 15 * time.Minute // in all
	uploadIdle = time.Minute      // without a byte, and before slowest counts
	slowest    = 4 << 10          // bytes a second
)

// deadlineBody is a body with a deadline for each read.
type deadlineBody struct {
	io.ReadCloser
	setDeadline func(time.Time) error
	began       time.Time
	read        int64 // bytes
}

func (p *deadlineBody) Read(b []byte) (int, error) {
	_ = p.setDeadline(readDeadline(p.began, time.Now(), p.read)) // a test's recorder has none
	n, err := p.ReadCloser.Read(b)
	p.read += int64(n)
	return n, err
}

// readDeadline returns the time by which the next byte has to arrive, for a body that began
// to arrive at began and has read bytes so far.
func readDeadline(began, now time.Time, read int64) time.Time {
	earliest := began.Add(uploadTime)
	for _, end := range []time.Time{now.Add(uploadIdle), began.Add(uploadIdle + time.Duration(read)*time.Second/slowest)} {
		if end.Before(earliest) {
			earliest = end
		}
	}
	return earliest
}
