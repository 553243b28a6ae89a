package livetest

import "slices"

// Figures count the differences between the sent messages, the log and the received messages.
// All are 0 if nothing went wrong.
type Figures struct{ Lost, Repeated, OutOfOrder int }

// Add adds other figures.
func (f *Figures) Add(more Figures) {
	f.Lost += more.Lost
	f.Repeated += more.Repeated
	f.OutOfOrder += more.OutOfOrder
}

// Compare compares the messages that a page shows with the log.
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
	for _, n := range times { // messages that are not in the log
		f.Repeated += n
	}
	return f
}

// Kept compares the log with the messages that one user sent, one after the other. Their texts
// must be unique.
func Kept(log []Message, sent []string) (f Figures) {
	var at []int64
	for _, text := range sent {
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
