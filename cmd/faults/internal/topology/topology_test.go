package topology

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// started starts a cluster for a test. The test is skipped if a program of it is not installed.
func started(t *testing.T) *Cluster {
	t.Helper()
	dir, err := os.MkdirTemp("", "cluster-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL may run as another user
		t.Fatal(err)
	}
	program := filepath.Join(dir, "frontdesk")
	if out, err := exec.Command("go", "build", "-o", program, "frontdesk/cmd/frontdesk").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	c, err := Start(t.Context(), Options{Files: "../../../../deploy/cluster", Program: program, Dir: dir})
	if errors.Is(err, errNoProgram) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

func TestTheDeskServesAfterEachFault(t *testing.T) {
	c := started(t)
	for _, part := range c.Parts() {
		for _, kind := range []Kind{Kill, Freeze, Cut} {
			if err := c.Break(t.Context(), part, kind); err != nil {
				t.Fatalf("%s %s: %v", part, kind, err)
			}
			if err := c.Mend(t.Context(), part, kind); err != nil {
				t.Fatalf("%s %s: %v", part, kind, err)
			}
			if err := c.await(t.Context(), "the desk serves", func(ctx context.Context) error { return get(c.address, "/ready")(ctx) }); err != nil {
				t.Fatalf("%s %s: %v", part, kind, err)
			}
			if err := c.Settle(t.Context(), part); err != nil {
				t.Fatalf("%s %s: %v", part, kind, err)
			}
		}
	}
}
