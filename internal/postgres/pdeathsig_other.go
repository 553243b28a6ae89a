//go:build !linux

package postgres

import "syscall"

// setParentDeathSignal does nothing on this system. A server that remains after a crash is
// stopped at the next start.
func setParentDeathSignal(*syscall.SysProcAttr) {}
