//go:build !linux

package topology

import "syscall"

// setParentDeathSignal does nothing: only Linux can end a program with its parent.
func setParentDeathSignal(*syscall.SysProcAttr) {}
