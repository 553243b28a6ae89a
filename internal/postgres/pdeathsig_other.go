//go:build !linux

package postgres

import "syscall"

// setParentDeathSignal does nothing here: what is left after a crash is
// stopped at the next start.
func setParentDeathSignal(*syscall.SysProcAttr) {}
