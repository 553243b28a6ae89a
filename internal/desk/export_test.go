package desk

import "time"

// SetHoldTime changes how long a request holds its key without renewing it.
func (d *Desk) SetHoldTime(t time.Duration) { d.holdTime = t }
