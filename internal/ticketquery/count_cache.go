package ticketquery

import (
	"maps"
	"regexp"
	"sync"
	"time"
)

// parameterName matches a parameter in the text of a statement. The texts have no other @.
var parameterName = regexp.MustCompile(`@[a-z_]+`)

// maxCounts is the number of counts above which the cache removes old ones.
const maxCounts = 2000

// countCache has the last count of each statement. It is safe for concurrent use, and its
// zero value is empty.
type countCache struct {
	mu   sync.Mutex
	last map[string]lastCount
}

// lastCount is a count, and when it was made.
type lastCount struct {
	Count
	at time.Time
}

// read sets the counts that are young enough, and returns the queries of the others.
func (c *countCache) read(due []countQuery, counts []Count, now time.Time) (missing []countQuery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, q := range due {
		if last, ok := c.last[q.key()]; ok && now.Sub(last.at).Abs() < countAge {
			counts[q.index] = last.Count
		} else {
			missing = append(missing, q)
		}
	}
	return missing
}

// hasTimedOut reports whether the last count has timed out.
func (c *countCache) hasTimedOut(q countQuery) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last[q.key()].TimedOut
}

// write stores a count.
func (c *countCache) write(q countQuery, n Count, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.last) >= maxCounts {
		maps.DeleteFunc(c.last, func(_ string, last lastCount) bool { return now.Sub(last.at).Abs() >= countAge })
	}
	if c.last == nil || len(c.last) >= maxCounts {
		c.last = map[string]lastCount{}
	}
	c.last[q.key()] = lastCount{n, now}
}
