package views

import (
	"time"

	"frontdesk/views/ui"
)

// minutesOf returns a time in whole minutes, as "30 minutes".
func minutesOf(d time.Duration) string { return ui.Count(int(d/time.Minute), "minute") }
