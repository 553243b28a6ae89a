package live

import "time"

// bucket is a token bucket: perSecond messages a second, with bursts of at most burst.
type bucket struct {
	tokens float64
	at     time.Time
	beyond int // messages refused since it was full
}

// takes reports whether a message at the time now is within the rate, and counts it.
func (b *bucket) takes(now time.Time) bool {
	b.tokens = min(burst, b.tokens+perSecond*now.Sub(b.at).Seconds())
	b.at = now
	if b.tokens == burst {
		b.beyond = 0
	}
	if b.tokens < 1 {
		b.beyond++
		return false
	}
	b.tokens--
	return true
}
