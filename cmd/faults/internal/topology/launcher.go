package topology

import (
	"os/exec"
	"runtime"
)

// launcher starts all programs from one thread that runs as long as the cluster: the kernel ends a program
// with the thread that has started it, see [setParentDeathSignal].
type launcher chan func()

// newLauncher starts the thread. It ends when the channel is closed.
func newLauncher() launcher {
	l := make(launcher)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with this function
		for start := range l {
			start()
		}
	}()
	return l
}

// start starts a command.
func (l launcher) start(cmd *exec.Cmd) error {
	result := make(chan error)
	l <- func() { result <- cmd.Start() }
	return <-result
}
