package postgres

import "syscall"

// setParentDeathSignal makes the kernel request a fast shutdown of the server when this
// program ends for any reason.
func setParentDeathSignal(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }
