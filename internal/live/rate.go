package live

import "time"

// Bucket is a token bucket: a number of messages a second, with bursts. It is not safe for
// concurrent use.
type Bucket struct {
	perSecond, burst float64
	tokens           float64
	at               time.Time
	beyond           int // messages refused since it was full
}

// NewBucket returns a full bucket.
func NewBucket(perSecond, burst int) *Bucket {
	return &Bucket{perSecond: float64(perSecond), burst: float64(burst), tokens: float64(burst), at: time.Now()}
}

// Take reports whether a message at the time now is within the rate, and counts it.
func (b *Bucket) Take(now time.Time) bool {
	b.tokens = min(b.burst, b.tokens+b.perSecond*now.Sub(b.at).Seconds())
	b.at = now
	if b.tokens == b.burst {
		b.beyond = 0
	}
	if b.tokens < 1 {
		b.beyond++
		return false
	}
	b.tokens--
	return true
}

// Refused returns how many messages were refused since the bucket was full.
func (b *Bucket) Refused() int { return b.beyond }
