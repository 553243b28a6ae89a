package main

import (
	"bufio"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// until reads what the command prints until a line has the text. It returns false if there is none.
func (h held) until(text string) bool {
	for {
		line, err := h.rest.ReadString('\n')
		if strings.Contains(line, text) || err != nil {
			return err == nil
		}
	}
}

func TestTheFirstOfTwoBackupsOfAStoppedDeskWaitsForTheSecond(t *testing.T) {
	t.Parallel()
	env, dir := []string{"DATA_DIR=" + migratedDir(t)}, t.TempDir()
	run(t, env, "seed")
	first := hold(t, env, "write table users", "backup", filepath.Join(dir, "first"))
	second := hold(t, env, "write table users", "backup", filepath.Join(dir, "second"))
	if err := first.free.Close(); err != nil {
		t.Fatal(err)
	}
	if !first.until("waiting for other commands") {
		t.Error("the first backup did not wait")
	}
	if output, err := second.finish(); err != nil {
		t.Errorf("the second backup: %v: %s", err, output)
	}
	first.until("the end")
	if err := first.cmd.Wait(); err != nil {
		t.Errorf("the first backup: %v", err)
	}
	for _, name := range []string{"first", "second"} {
		run(t, nil, "verify", filepath.Join(dir, name))
	}
}

func TestADeskThatIsStartedDuringABackupWaitsForIt(t *testing.T) {
	t.Parallel()
	env := []string{"DATA_DIR=" + migratedDir(t)}
	run(t, env, "seed")
	made := hold(t, env, "write table users", "backup", filepath.Join(t.TempDir(), "desk"))
	served := command(t, env)
	stdout, err := served.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := served.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := served.Start(); err != nil {
		t.Fatal(err)
	}
	server := held{t: t, cmd: served, rest: bufio.NewReader(stderr)}
	if !server.until("waiting for a command") {
		t.Error("the server did not wait")
	}
	if output, err := made.finish(); err != nil {
		t.Errorf("the backup: %v: %s", err, output)
	}
	var output strings.Builder
	for lines := bufio.NewScanner(stdout); !strings.Contains(output.String(), "ready at") && lines.Scan(); {
		output.WriteString(lines.Text())
	}
	if !strings.Contains(output.String(), "ready at") {
		t.Errorf("the server printed %q, want that it is ready", output.String())
	}
	if err := served.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	server.until("the end")
	if err := served.Wait(); err != nil {
		t.Errorf("the server: %v", err)
	}
}
