package topology

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"frontdesk/internal/process"
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
	if err := process.Build(t.Context(), program); err != nil {
		t.Fatal(err)
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

func TestTheDeskServesAfterAFaultOfEachPart(t *testing.T) {
	t.Parallel()
	c := started(t)
	kinds := []Kind{Kill, Freeze, Cut}
	for i, part := range c.Parts() {
		kind := kinds[i%len(kinds)]
		if err := c.Break(t.Context(), part, kind); err != nil {
			t.Fatalf("%s %s: %v", part, kind, err)
		}
		if err := c.Mend(t.Context(), part, kind); err != nil {
			t.Fatalf("%s %s: %v", part, kind, err)
		}
		if err := await(t.Context(), "the desk serves", get(c.address, "/ready")); err != nil {
			t.Fatalf("%s %s: %v", part, kind, err)
		}
		if err := c.Settle(t.Context(), part); err != nil {
			t.Fatalf("%s %s: %v", part, kind, err)
		}
	}
}
