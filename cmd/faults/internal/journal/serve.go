package journal

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// Serve appends the lines of in to the file at path until in ends. It writes a line "synced" to
// out for each of them once the file is synced. Lines that are waiting share one sync.
func Serve(path string, in io.Reader, out io.Writer) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewReaderSize(in, 1<<20)
	for {
		batch, n, err := readBatch(lines)
		if n == 0 {
			return err
		}
		if _, err := file.WriteString(batch); err != nil {
			return err
		}
		if err := file.Sync(); err != nil {
			return err
		}
		if _, err := io.WriteString(out, strings.Repeat("synced\n", n)); err != nil {
			return err
		}
	}
}

// readBatch waits for a line, and returns it with the whole lines that have arrived with it, and
// how many there are: none at the end.
func readBatch(lines *bufio.Reader) (batch string, n int, err error) {
	var all strings.Builder
	for n == 0 || holdsLine(lines) {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return all.String(), n, nil // an incomplete line was never sent
		}
		if err != nil {
			return all.String(), n, err
		}
		all.WriteString(line)
		n++
	}
	return all.String(), n, nil
}

// holdsLine reports whether a whole line is buffered.
func holdsLine(r *bufio.Reader) bool {
	waiting, _ := r.Peek(r.Buffered()) // what is buffered can be peeked
	return strings.ContainsRune(string(waiting), '\n')
}

// separate starts cmd in a process group of its own.
func separate(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// Command returns the command of this program that serves a journal in the file at path:
// "journal" and the path are its arguments.
func Command(path string) (*exec.Cmd, error) {
	program, err := os.Executable()
	return exec.Command(program, "journal", path), err
}
