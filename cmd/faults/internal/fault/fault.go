// Package fault runs faults and records when they were in effect.
package fault

import (
	"context"
	"fmt"
	"time"
)

// Fault is something that goes wrong for a while.
type Fault struct {
	Name string
	// Begin causes the fault.
	Begin func(context.Context) error
	// Lasts is the time from the return of Begin until End.
	Lasts time.Duration
	// End repairs what Begin did, as an operator or a supervisor would. It may be nil.
	End func(context.Context) error
}

// Window is the time in which a fault was in effect.
type Window struct {
	Name       string
	Begin, End time.Time // End is when the repair began
}

// Run causes a fault and repairs it. It repairs it also if ctx ends before.
func Run(ctx context.Context, f Fault) (Window, error) {
	w := Window{Name: f.Name, Begin: time.Now()}
	err := f.Begin(ctx)
	if err == nil && f.Lasts > 0 {
		select {
		case <-time.After(f.Lasts):
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	w.End = time.Now()
	if f.End != nil {
		if repair := f.End(context.WithoutCancel(ctx)); err == nil {
			err = repair
		}
	}
	if err != nil {
		return w, fmt.Errorf("%s: %w", f.Name, err)
	}
	return w, nil
}
