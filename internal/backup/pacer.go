package backup

import "time"

// The values were measured on 2 cores, see docs/backup.md. Shorter rests make pages slower,
// longer ones the backup.
const (
	workBeforeRest = 2 * time.Millisecond
	restPerWork    = 2
	longestRest    = 10 * time.Millisecond
)

// pacer is a writer that pauses after some work of its caller, so that the desk, which is being
// served, finds a free core. A low priority of the process did not help: see docs/backup.md.
type pacer struct {
	rested time.Time // when the last rest ended
}

// Write implements [io.Writer].
func (p *pacer) Write(b []byte) (int, error) {
	if work := time.Since(p.rested); work >= workBeforeRest {
		time.Sleep(min(restPerWork*work, longestRest))
		p.rested = time.Now()
	}
	return len(b), nil
}
