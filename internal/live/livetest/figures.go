package livetest

import "slices"

// Figures are what went wrong between what was said, the log and what was heard.
// All zero is as it should be.
type Figures struct{ Lost, Doubled, Misordered int }

// Add takes in the figures of another.
func (f *Figures) Add(more Figures) {
	f.Lost += more.Lost
	f.Doubled += more.Doubled
	f.Misordered += more.Misordered
}

// Compare holds what a page shows against the log.
func Compare(log, shown []Line) (f Figures) {
	times := map[Line]int{}
	for i, l := range shown {
		times[l]++
		if i > 0 && l.Seq < shown[i-1].Seq {
			f.Misordered++
		}
	}
	for _, l := range log {
		if times[l] == 0 {
			f.Lost++
		}
		f.Doubled += max(0, times[l]-1)
		delete(times, l)
	}
	for _, n := range times { // what is in no log
		f.Doubled += n
	}
	return f
}

// Kept holds the log against the lines that one person said, one after the
// other, each unlike any other.
func Kept(log []Line, said []string) (f Figures) {
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
		f.Doubled += max(0, n-1)
	}
	if !slices.IsSorted(at) {
		f.Misordered++
	}
	return f
}
