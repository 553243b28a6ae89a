package desk

import (
	"sync"
	"time"
)

// slots bounds how much work of one kind is under way at once in this process.
type slots struct {
	each, all int // at most, by one person and by everybody

	mu  sync.Mutex
	now int
	of  map[int64]int // by person
}

// slotWait is when somebody who was refused a slot may try again.
const slotWait = 5 * time.Second

// begin takes a slot for a person; end gives it back. A person who has too many is
// [*Limited]; with too many of all it is [ErrBusy].
func (t *slots) begin(person int64) (end func(), err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.of[person] >= t.each:
		return nil, &Limited{RetryAfter: slotWait}
	case t.now >= t.all:
		return nil, ErrBusy
	}
	if t.of == nil {
		t.of = map[int64]int{}
	}
	t.of[person]++
	t.now++
	return sync.OnceFunc(func() { t.give(person) }), nil
}

func (t *slots) give(person int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now--
	if t.of[person]--; t.of[person] == 0 {
		delete(t.of, person)
	}
}
