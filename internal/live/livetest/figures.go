package livetest

import "slices"

// Figures are what went wrong between what was said, the log and what was heard.
// All zero is as it should be.
type Figures struct{ Lost, Repeated, OutOfOrder int }

// Add takes in the figures of another.
func (f *Figures) Add(more Figures) {
	f.Lost += more.Lost
	f.Repeated += more.Repeated
	f.OutOfOrder += more.OutOfOrder
}

// Compare holds what a page shows against the log.
func Compare(log, shown []Message) (f Figures) {
	times := map[Message]int{}
	for i, l := range shown {
		times[l]++
		if i > 0 && l.Seq < shown[i-1].Seq {
			f.OutOfOrder++
		}
	}
	for _, l := range log {
		if times[l] == 0 {
			f.Lost++
		}
		f.Repeated += max(0, times[l]-1)
		delete(times, l)
	}
	for _, n := range times { // what is in no log
		f.Repeated += n
	}
	return f
}

// Kept holds the log against the lines that one person said, one after the
// other, each unlike any other.
func Kept(log []Message, said []string) (f Figures) {
	var at []int64
	for _, text := range said {
		n := 0
		for _, l := range log {
			if l.Text == text {
				n++
				at = append(at, l.Seq)
			}
		}
		if n == 0 {
			f.Lost++
		}
		f.Repeated += max(0, n-1)
	}
	if !slices.IsSorted(at) {
		f.OutOfOrder++
	}
	return f
}
