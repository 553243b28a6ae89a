package web

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestASlowBodyIsAborted(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		after time.Duration
		read  int64
		left  time.Duration
	}{
		{0, 0, time.Minute},                            // the first byte
		{50 * time.Second, 0, 10 * time.Second},        // nothing was received
		{50 * time.Second, 1 << 20, time.Minute},       // much was received, and then nothing
		{2 * time.Minute, 600 << 10, 90 * time.Second}, // the limit is the time since the last byte
		{5 * time.Minute, 1000, -4 * time.Minute},      // a byte from time to time
		{14*time.Minute + 30*time.Second, 9 << 20, 30 * time.Second},
	} {
		now := began.Add(c.after)
		left := readDeadline(began, now, c.read).Sub(now)
		if want := min(c.left, time.Minute); left.Round(time.Second) != want {
			t.Errorf("after %s and %d bytes: %s are left, want %s", c.after, c.read, left, want)
		}
	}
}

func TestEachReadOfAFormWithFilesHasADeadline(t *testing.T) {
	t.Parallel()
	var deadlines []time.Time
	body := &deadlineBody{ReadCloser: io.NopCloser(strings.NewReader("three bytes"[:3])), began: time.Now(),
		setDeadline: func(at time.Time) error { deadlines = append(deadlines, at); return nil }}
	for range 3 {
		if _, err := body.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if len(deadlines) != 3 {
		t.Errorf("got %d deadlines, want 3: %+v", len(deadlines), deadlines)
	}
	if body.read != 3 {
		t.Errorf("the read is %d, want 3", body.read)
	}
}
