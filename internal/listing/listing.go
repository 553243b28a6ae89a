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
func Cap[N int | int32 | int64](n, limit N) Capped {
	return Capped{N: int64(min(n, limit)), More: n > limit}
}

// WrongAfter is the message about an invalid parameter after of a list.
const WrongAfter = "Take it from the Link of the page before, or leave it out."

// Range is a part of a list that is read as a whole.
type Range struct {
	After int64 // the position (id or seq) of the entry before the part; 0 for the beginning of the list
	Limit int   // the most entries; 0 for all
}

// Visitor receives the entries of a list that is read in batches. The first error of its
// functions ends the reading.
type Visitor[T any] struct {
	Entry func(T) error
	Batch func() error // is called after each batch except the last; nil for nothing
}

// EndBatch calls v.Batch if there is one.
func (v Visitor[T]) EndBatch() error {
	if v.Batch == nil {
		return nil
	}
	return v.Batch()
}
