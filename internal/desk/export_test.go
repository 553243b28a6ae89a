package desk

import "time"

// SetHoldTime changes how long a request holds its key without renewing it.
func (s *Requests) SetHoldTime(t time.Duration) { s.holdTime = t }
