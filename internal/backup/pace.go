package backup

import "time"

// A paced backup works for a slice of time and then rests as long as it worked, so that a desk
// that serves meanwhile gets the processors and the disk at least every other slice. The
// rests also slow down the server of the database, which waits until its rows are read.
const (
	slice   = 4 * time.Millisecond
	maxRest = 50 * time.Millisecond // after a slice in which the disk was slow
)

// pace is a writer that rests between slices of work.
type pace struct{ began time.Time } // of the slice

// Write implements [io.Writer].
func (p *pace) Write(b []byte) (int, error) {
	if worked := time.Since(p.began); worked >= slice {
		time.Sleep(min(worked, maxRest))
		p.began = time.Now()
	}
	return len(b), nil
}
