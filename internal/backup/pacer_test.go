package backup

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAPacedBackupRestsTwiceAsLongAsItWorks(t *testing.T) {
	for work, rest := range map[time.Duration]time.Duration{
		time.Millisecond:     0,
		2 * time.Millisecond: 4 * time.Millisecond,
		4 * time.Millisecond: 8 * time.Millisecond,
		time.Second:          longestRest,
	} {
		synctest.Test(t, func(t *testing.T) {
			p := pacer{rested: time.Now()}
			time.Sleep(work)
			begun := time.Now()
			if _, err := p.Write([]byte("row")); err != nil {
				t.Error(err)
			}
			if got := time.Since(begun); got != rest {
				t.Errorf("rests %v after %v of work, want %v", got, work, rest)
			}
		})
	}
}
