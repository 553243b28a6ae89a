package dbtest

import (
	"os"
	"os/exec"
	"syscall"
)

// watcher is a shell script that waits until the other end of its input is closed, which
// happens when the test process ends for any reason. It then stops the server and removes
// its folder, for up to 20 s while the server still writes there.
const watcher = `cat >/dev/null
pid=$(head -n1 "$1/postgres/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid"
for i in $(seq 100); do sleep 0.2; rm -rf "$1" && break; done`

// watch starts the watcher. The watcher stops the server when the returned file is closed
// or garbage collected.
func watch(dir string) (*os.File, error) {
	in, held, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	cmd := exec.Command("sh", "-c", watcher, "sh", dir)
	cmd.Stdin = in
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C must not end the watcher
	return held, cmd.Start()
}
