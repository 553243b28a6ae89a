package dbtest

import (
	"os"
	"os/exec"
	"syscall"
)

// watcher waits for the end of the process that holds the other end of its
// input, however that ends, then ends the server (which the kernel may be
// doing already) and removes its folder, trying for up to 20 s while the server
// still writes there.
const watcher = `cat >/dev/null
pid=$(head -n1 "$1/postgres/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid"
for i in $(seq 100); do sleep 0.2; rm -rf "$1" && break; done`

// watch starts the watcher; what it returns has to be kept for as long as the
// server is wanted.
func watch(dir string) (*os.File, error) {
	in, held, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	cmd := exec.Command("sh", "-c", watcher, "sh", dir)
	cmd.Stdin = in
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us alone
	return held, cmd.Start()
}
