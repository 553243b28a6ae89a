package topology

import "syscall"

// setParentDeathSignal makes the kernel end the program when this program ends for any reason.
func setParentDeathSignal(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
