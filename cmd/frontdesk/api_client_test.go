package main

import (
	"os/exec"
	"strings"
	"testing"

	"frontdesk/db/dbtest"
)

// A program that knows the first system's documents, and nothing of this one's
// code, finds its way.
func TestAClientInJavaScriptUsesTheAPIAsDocumented(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not here")
	}
	if exec.Command(node, "--experimental-websocket", "-e", "").Run() != nil {
		t.Skip("node is here, but older than 20")
	}
	pool := dbtest.New(t)
	r := serve(t, "DATABASE_URL="+pool.Config().ConnString(), "DATA_DIR="+dataDir(t), "ADMIN_EMAIL="+adminEmail, "ADMIN_PASSWORD="+password)
	cmd := exec.CommandContext(t.Context(), node, "--no-warnings", "--experimental-websocket", "testdata/client.mjs", r.url, adminEmail, password)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "ok delete") {
		t.Errorf("it ended with %v after\n%s", err, out)
	}
}
