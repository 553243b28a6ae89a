package doctor

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
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
	}
}

func TestAFolderThatCannotBeWrittenIsFound(t *testing.T) {
	t.Parallel()
	e := &examination{Options: Options{DataDir: filepath.Join(t.TempDir(), "missing"), Uploads: t.TempDir(), Now: time.Now}}
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
	e := &examination{Options: Options{DataDir: dir, Uploads: dir, Secrets: map[string]string{
		"good": secret("good", 0o600, 43), "open": secret("open", 0o640, 43), "short": secret("short", 0o600, 8), "new": filepath.Join(dir, "new")}}}
	e.finds(t, "secrets", OK, "good can be read by its owner only")
	e.finds(t, "secrets", OK, "new does not exist yet")
	e.finds(t, "secrets", Problem, "open can be read by other users of this machine (its mode is 0640)")
	e.finds(t, "secrets", Problem, "short has 8 bytes")
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
