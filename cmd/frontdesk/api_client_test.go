package main

import (
	"os/exec"
	"strings"
	"testing"

	"frontdesk/db/dbtest"
)

// findNode returns the path of Node 20 or newer. A missing one skips the test.
func findNode(t *testing.T) string {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	if exec.Command(node, "--experimental-websocket", "-e", "").Run() != nil {
		t.Skip("node is older than 20")
	}
	return node
}

// The client is written only from the documents of the first system.
func TestAClientInJavaScriptUsesTheAPIAsDocumented(t *testing.T) {
	t.Parallel()
	node := findNode(t)
	pool := dbtest.New(t)
	r := serve(t, "DATABASE_URL="+pool.Config().ConnString(), "DATA_DIR="+dataDir(t), "ADMIN_EMAIL="+adminEmail, "ADMIN_PASSWORD="+password)
	cmd := exec.CommandContext(t.Context(), node, "--no-warnings", "--experimental-websocket", "testdata/client.mjs", r.url, adminEmail, password)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "ok delete") {
		t.Errorf("it ended with %v after\n%s", err, out)
	}
}
