package main

import (
	"encoding/json"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/db/dbtest"
	"frontdesk/internal/bus/bustest"
)

func TestDoctorPrintsEachFindingOnALine(t *testing.T) {
	t.Parallel()
	env := []string{"DATA_DIR=" + dataDir(t), "DATABASE_URL=" + dbtest.NewURL(t), "PUBLIC_URL=http://127.0.0.1:1"}
	run(t, env, "seed")
	out, _ := command(t, env, "doctor").Output() // its status is 2, because no desk answers
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	for _, line := range lines {
		level := strings.Fields(line)[0]
		if level != "ok" && level != "warning" && level != "problem" {
			t.Errorf("got the line %q", line)
		}
	}
	if !strings.Contains(string(out), "http://127.0.0.1:1/health does not answer") {
		t.Errorf("got %s, want a finding about PUBLIC_URL", out)
	}
	if status := exitStatus(t, env, "doctor"); status != 2 {
		t.Errorf("the exit status is %d, want 2", status)
	}
	out, _ = command(t, env, "doctor", "--json").Output()
	var found []struct{ Check, Level, Says string }
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	var want, got []string // without repeated ones: the number of findings of a check may change from one run to the next
	for _, line := range lines {
		want = append(want, strings.Fields(line)[1])
	}
	for _, f := range found {
		got = append(got, f.Check)
	}
	want, got = slices.Compact(want), slices.Compact(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the checks of the lines and of the JSON (-want +got):\n%s", diff)
	}
}

func TestDoctorWorksWithoutADatabase(t *testing.T) {
	t.Parallel()
	env := []string{"DATA_DIR=" + dataDir(t), "DATABASE_URL=postgres://frontdesk@127.0.0.1:1/frontdesk"}
	out, _ := command(t, env, "doctor").Output()
	for _, want := range []string{"the database cannot be reached", "files can be written"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("got %s, want %q", out, want)
		}
	}
}

func TestDoctorReportsWhetherNATSIsConnected(t *testing.T) {
	t.Parallel()
	server := bustest.Start(t)
	server.Restrict("desk", "secret")
	for url, want := range map[string]string{
		server.URLOf("desk", "secret"): "NATS is connected",
		server.URLOf("desk", "wr0ng"):  "NATS cannot be reached (nats: Authorization Violation)",
		"nats://127.0.0.1:1":           "NATS cannot be reached",
	} {
		env := []string{"DATA_DIR=" + dataDir(t), "DATABASE_URL=postgres://frontdesk@127.0.0.1:1/frontdesk", "NATS_URL=" + url}
		out, _ := command(t, env, "doctor").Output() // its status is 2, because there is no database
		text := string(out)
		if !strings.Contains(text, want) {
			t.Errorf("%s: the text is %q, want it with %q", url, text, want)
		}
		if strings.Contains(text, "wr0ng") {
			t.Errorf(`%s: the text is %q, want it without "wr0ng"`, url, text)
		}
	}
}

func TestDoctorFindsTooFewOpenFiles(t *testing.T) {
	t.Parallel()
	cmd := command(t, []string{"DATA_DIR=" + dataDir(t), "DATABASE_URL=postgres://frontdesk@127.0.0.1:1/frontdesk"}, "doctor")
	cmd.Args = append([]string{"sh", "-c", `ulimit -n 256; exec "$0" "$@"`}, append([]string{cmd.Path}, cmd.Args[1:]...)...)
	cmd.Path = "/bin/sh"
	out, _ := cmd.Output() // its status is 2, because there is no database
	if want := "this program may open 256 files, and each open page needs one"; !strings.Contains(string(out), want) {
		t.Errorf("got %s, want %q", out, want)
	}
}

func TestDoctorReportsADatabaseAndAnAddressThatNeverAnswer(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0") // connections are accepted by the kernel, and never read
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	address := l.Addr().String()
	out, _ := command(t, []string{"DATA_DIR=" + dataDir(t), "DATABASE_URL=postgres://frontdesk@" + address + "/frontdesk?sslmode=disable", "PUBLIC_URL=http://" + address}, "doctor").Output()
	for _, want := range []string{"the database cannot be reached: it does not answer", "/health does not answer as a running desk", "files can be written"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("got %s, want %q", out, want)
		}
	}
}
