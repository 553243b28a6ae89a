package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestBashCompletesCommandsAndFlags(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "completion")
	if err := os.WriteFile(script, []byte(run(t, nil, "completion", "bash")), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"frontdesk ver":                "verify version",
		"frontdesk user a":             "add agent admin",
		"frontdesk backup --ke":        "--keep",
		"frontdesk --port 80 resto":    "restore",
		"frontdesk --data-dir user ba": "backup", // user is the value of the flag
		"frontdesk backup --keep ":     "",       // a value
		"frontdesk restore ":           "",       // then readline completes files
		"frontdesk completion z":       "zsh",
		"frontdesk user add --ro":      "--role",
		"frontdesk verify --time":      "--timezone",
	} {
		words := strings.Split(line, " ")
		cmd := exec.CommandContext(t.Context(), "bash", append([]string{"-c", `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _frontdesk; echo "${COMPREPLY[*]}"`, script}, words...)...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v: %s", line, err, out)
		}
		if got := strings.TrimSpace(string(out)); got != want {
			t.Errorf("%q is completed with %q, want %q", line, got, want)
		}
	}
}

func TestTheScriptsOfOtherShellsAndTheManualPageAreValid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		args  []string // of the program
		check []string // the command that checks what it prints
	}{
		{"zsh", []string{"completion", "zsh"}, []string{"zsh", "-n"}},
		{"fish", []string{"completion", "fish"}, []string{"fish", "-n"}},
		{"mandoc", []string{"man"}, []string{"mandoc", "-T", "lint", "-W", "warning"}},
		{"man", []string{"man"}, []string{"man", "--warnings", "-Tutf8", "-l"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(c.check[0]); err != nil {
				t.Skipf("%s is not installed", c.check[0])
			}
			text := run(t, nil, c.args...)
			for _, want := range []string{"backup", "timezone", "completion"} {
				if !strings.Contains(text, want) {
					t.Errorf("the text is without %q", want)
				}
			}
			file := filepath.Join(t.TempDir(), "text")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), c.check[0], append(c.check[1:], file)...)
			var output bytes.Buffer
			cmd.Stderr = &output
			if c.check[0] == "mandoc" {
				cmd.Stdout = &output // it prints its warnings there
			}
			if err := cmd.Run(); err != nil || output.Len() > 0 {
				t.Errorf("%v: %v: %s", c.check, err, output.String())
			}
		})
	}
}

func TestASettingIsReadFromTheFileOfItsVariable(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "zone")
	if err := os.WriteFile(file, []byte("Mars/Olympus\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, []string{"TIMEZONE_FILE=" + file}, `TIMEZONE "Mars/Olympus" is not known`)
	refused(t, []string{"TIMEZONE_FILE=" + file, "TIMEZONE=UTC"}, "both TIMEZONE and TIMEZONE_FILE are set")
	refused(t, []string{"TIMEZONE_FILE=" + file + ".missing"}, "TIMEZONE_FILE: open ")
}

func TestTheHealthOfTheRunningProgramIsAsked(t *testing.T) {
	t.Parallel()
	env := emptyDesk(t)
	served := serve(t, env...)
	port := "PORT=" + served.url[strings.LastIndex(served.url, ":")+1:]
	if output := run(t, []string{port, "HOST=0.0.0.0"}, "health"); output != "The desk is ready.\n" {
		t.Errorf("health printed %q", output)
	}
	served.end(t, syscall.SIGTERM)
	if status := exitStatus(t, []string{port}, "health"); status != 1 {
		t.Errorf("after its end the exit status is %d, want 1", status)
	}
}
