package postgres

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// hidden returns a folder that only root can enter.
func hidden(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root starts the server as another user")
	}
	dir := folder(t)
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// outOfReach fails the test unless dir is refused with an error that recommends chmod o+x for
// the folder barrier.
func outOfReach(t *testing.T, dir, barrier string, mayMove bool) {
	t.Helper()
	got, _, err := dataDir(dir, mayMove, "/nowhere")
	if err == nil {
		t.Fatalf("the folder %s: got no error, want one", got)
	}
	if !strings.Contains(err.Error(), "run chmod o+x '"+barrier+"'") {
		t.Errorf("the folder %s: the error is %q, want it with %q", got, err.Error(), "run chmod o+x '"+barrier+"'")
	}
}

func TestAReachableFolderIsUsed(t *testing.T) {
	t.Parallel()
	want := filepath.Join(folder(t), "data")
	for _, mayMove := range []bool{true, false} {
		got, moved, err := dataDir(want, mayMove, "/nowhere")
		if err != nil {
			t.Fatal(err)
		}
		if moved {
			t.Error("moved is true, want false")
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAnUnreachableConfiguredFolderIsRefused(t *testing.T) {
	t.Parallel()
	parent := hidden(t)
	outOfReach(t, filepath.Join(parent, "data"), parent, false)
	outOfReach(t, parent, parent, false)
	link := filepath.Join(folder(t), "link")
	if err := os.MkdirAll(filepath.Join(parent, "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(parent, "data"), link); err != nil {
		t.Fatal(err)
	}
	outOfReach(t, link, parent, false)
	outOfReach(t, filepath.Join(link, "below"), parent, false)
}

func TestAnUnreachableFolderWithADeskIsNotReplaced(t *testing.T) {
	t.Parallel()
	parent := hidden(t)
	data := filepath.Join(parent, "data")
	if err := os.MkdirAll(filepath.Join(data, "postgres"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "postgres", "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	outOfReach(t, data, parent, true)
}

func TestTheSystemFolderReplacesOneFolderOnly(t *testing.T) {
	t.Parallel()
	parent, system := hidden(t), filepath.Join(folder(t), "system")
	first, second := filepath.Join(parent, "first"), filepath.Join(parent, "second")
	for range 2 {
		got, moved, err := dataDir(first, true, system)
		if err != nil {
			t.Fatal(err)
		}
		if !moved {
			t.Error("moved is false, want true")
		}
		if got != system {
			t.Errorf("got %q, want %q", got, system)
		}
	}
	_, _, err := dataDir(second, true, system)
	if err == nil {
		t.Fatal("got no error, want one")
	}
	if !strings.Contains(err.Error(), first) {
		t.Errorf("the error is %q, want it with %q", err.Error(), first)
	}
}
