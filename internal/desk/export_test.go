package desk

import "time"

// SetKeyLockTime changes how long a request holds its key without renewing it.
func (s *Requests) SetKeyLockTime(t time.Duration) { s.keyLockTime = t }
