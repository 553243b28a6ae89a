package dbseed

import (
	"math/rand/v2"
	"strings"
)

// Words to look for in a seeded desk.
const (
	// Common is the commonest word: a third of the tickets have it.
	Common = "bababa"
	// Rare is in the subjects of ten tickets and in nothing else.
	Rare = "quartz"
	// Old is in the subjects of the older three fifths of all tickets, and of none since.
	Old = "fossil"
)

// words makes texts.
type words struct{ rnd *rand.Rand }

// word draws from some 8,000 words, low numbers far more often: a vocabulary
// with common and rare words, as people's has.
func (w words) word() string {
	n := int(8000 * w.rnd.Float64() * w.rnd.Float64() * w.rnd.Float64())
	return vocabulary[n]
}

var vocabulary = func() (all [8000]string) {
	s := strings.Fields("ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu")
	for n := range all {
		all[n] = s[n%20] + s[n/20%20] + s[n/400%20]
	}
	return all
}()

func (w words) text(n int) string {
	var b strings.Builder
	b.Grow(n * 7)
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.word())
	}
	return b.String()
}
