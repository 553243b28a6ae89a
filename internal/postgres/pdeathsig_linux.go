package postgres

import "syscall"

// setParentDeathSignal has the kernel shut the server down (fast) when we die,
// however we die.
func setParentDeathSignal(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }
