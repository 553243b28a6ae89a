package backup

// Progress is called with the number of bytes that were handled, before compression, and
// the estimated number of all.
type Progress func(done, total int64)

// meter is a writer that counts bytes and reports the progress.
type meter struct {
	report      Progress
	done, total int64
}

// Write implements [io.Writer].
func (m *meter) Write(p []byte) (int, error) {
	m.done += int64(len(p))
	if m.report != nil {
		m.report(m.done, max(m.done, m.total))
	}
	return len(p), nil
}
