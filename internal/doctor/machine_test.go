package doctor

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAFullDiskIsFound(t *testing.T) {
	t.Parallel()
	for used, want := range map[uint64]Level{10: OK, 60: OK, 74: OK, 75: Warning, 89: Warning, 90: Problem, 100: Problem} {
		e := &examination{}
		e.disk("/data", used, 100-used)
		if e.found[0].Level != want {
			t.Errorf("%d %% in use: got %v, want %s", used, e.found, want)
		}
		if got, want := strings.Contains(e.found[0].Text, "plan for more"), used >= 60 && used < 75; got != want {
			t.Errorf("%d %% in use: got %v, a hint to plan is %t, want %t", used, e.found, got, want)
		}
	}
}

func TestAFileSystemIsMeasured(t *testing.T) {
	t.Parallel()
	dir := mounted(t, "size=1m")
	e := &examination{limits: usual(), Options: Options{DataDir: dir, Uploads: dir, Now: time.Now}}
	e.finds(t, "disk", OK, "0 % of the disk of "+dir)
	for _, c := range []struct {
		kib   int
		level Level
		text  string
	}{{640, OK, "plan for more"}, {800, Warning, "add space soon"}, {960, Problem, "add space now"}} {
		if err := os.WriteFile(filepath.Join(dir, "file"), make([]byte, c.kib<<10), 0o600); err != nil {
			t.Fatal(err)
		}
		e.finds(t, "disk", c.level, c.text)
	}
}

func TestAFileSystemThatIsReadOnlyIsFound(t *testing.T) {
	t.Parallel()
	dir := mounted(t, "ro")
	e := &examination{limits: usual(), Options: Options{DataDir: dir, Uploads: dir, Now: time.Now}}
	e.finds(t, "files", Problem, "read-only file system")
}

// mounted returns a folder with a file system in memory. It skips the test if this user may
// not mount one.
func mounted(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("no file system can be mounted: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	return dir
}

func TestASlowDiskIsFound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := &examination{Options: Options{DataDir: dir, Uploads: dir, Now: time.Now}} // every flush is longer than the limit of 0
	e.finds(t, "files", Warning, "flushing a file in "+dir+" takes")
}

func TestAFolderThatCannotBeWrittenIsFound(t *testing.T) {
	t.Parallel()
	e := &examination{limits: usual(), Options: Options{DataDir: filepath.Join(t.TempDir(), "missing"), Uploads: t.TempDir(), Now: time.Now}}
	e.finds(t, "files", Problem, "missing")
	e.finds(t, "files", OK, e.Uploads)
}

func TestASecretThatOthersCanReadIsFound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secret := func(name string, mode os.FileMode, size int) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, make([]byte, size), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	e := &examination{Options: Options{DataDir: dir, Uploads: dir, MinSecret: 32, Secrets: map[string]string{
		"good": secret("good", 0o600, 43), "open": secret("open", 0o640, 43), "short": secret("short", 0o600, 8), "new": filepath.Join(dir, "new")},
		Settings: secret("env", 0o644, 1)}}
	e.finds(t, "secrets", OK, "good can be read by its owner only")
	e.finds(t, "secrets", OK, "new does not exist yet")
	e.finds(t, "secrets", Problem, "open can be read by other users of this machine (its mode is 0640)")
	e.finds(t, "secrets", Problem, "short has 8 bytes")
	e.finds(t, "secrets", Problem, "the settings in "+dir+"/env can be read by other users of this machine (its mode is 0644)")
}

func TestAnAddressWithoutADeskIsFound(t *testing.T) {
	t.Parallel()
	desk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/desk/health":
			fmt.Fprint(w, `{"ok":true}`)
		case "/moved/health":
			http.Redirect(w, r, "/desk/health", http.StatusMovedPermanently)
		case "/page/health":
			fmt.Fprint(w, "<h1>Welcome</h1>")
		default:
			http.NotFound(w, r)
		}
	}))
	defer desk.Close()
	dir := t.TempDir()
	for path, want := range map[string]struct {
		level Level
		text  string
	}{"/desk": {OK, "answers"}, "/desk/": {OK, "answers"}, "/moved": {Problem, "status 301"}, "/page": {Problem, "status 200"}, "/other": {Problem, "status 404"}} {
		e := &examination{Options: Options{DataDir: dir, Uploads: dir, PublicURL: desk.URL + path}}
		e.finds(t, "address", want.level, want.text)
	}
}
