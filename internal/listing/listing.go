// Package listing has what all lists share.
package listing

import "strconv"

// PageSize is how many rows a page of a list shows.
const PageSize = 50

// Capped is a number that is counted up to a bound only.
type Capped struct {
	N    int64
	More bool // there are more than N
}

// String writes "7", or "99+" where there are more.
func (c Capped) String() string {
	if c.More {
		return strconv.FormatInt(c.N, 10) + "+"
	}
	return strconv.FormatInt(c.N, 10)
}

// Cap returns the count of n things that were counted up to limit+1.
func Cap(n, limit int64) Capped { return Capped{N: min(n, limit), More: n > limit} }
