package postgres

import (
	"archive/zip"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// repository serves a Maven repository that holds the installed server, packed
// as the real one packs it: a jar with a tar.xz inside.
func repository(t *testing.T) *httptest.Server {
	t.Helper()
	bin, err := findBinaries(t.Context(), Options{}, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	archive := filepath.Join(dir, "postgres.txz")
	home := filepath.Dir(bin)
	pack := exec.Command("tar", "-C", home, "-cJf", archive, "bin", "lib")
	pack.Env = append(os.Environ(), "XZ_OPT=-0")
	if out, err := pack.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	jar := filepath.Join(dir, "postgres.jar")
	f, err := os.Create(jar)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	w, err := z.Create("postgres.txz")
	if err != nil {
		t.Fatal(err)
	}
	packed, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(packed); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, ".jar") {
			http.NotFound(w, r)
			return
		}
		http.ServeFile(w, r, jar)
	}))
	t.Cleanup(srv.Close)
	return srv
}

func TestWithoutAServerOnTheMachineOneIsFetched(t *testing.T) {
	if testing.Short() {
		t.Skip("packs and unpacks a whole PostgreSQL")
	}
	repo := repository(t)
	t.Setenv("PATH", "")
	opts := Options{DataDir: folder(t), Repository: repo.URL, Log: discard}
	o, err := findOwner()
	if err != nil {
		t.Fatal(err)
	}
	bin, err := fetch(t.Context(), opts, o, "")
	if err != nil {
		t.Fatal(err)
	}
	opts.BinDir = bin
	c := start(t, opts)
	defer stop(t, c)
	if got := query(t, c, "select 'yes'"); got != "yes" {
		t.Errorf("got %q", got)
	}
	repo.Close()
	if again, err := fetch(context.Background(), opts, o, ""); err != nil || again != bin {
		t.Errorf("a second start fetches again: %v", err)
	}
}

func TestWhereNothingCanBeFetchedTheErrorSaysWhatToInstall(t *testing.T) {
	t.Parallel()
	empty := httptest.NewServer(http.NotFoundHandler())
	defer empty.Close()
	o, err := findOwner()
	if err != nil {
		t.Fatal(err)
	}
	_, err = findBinaries(t.Context(), Options{DataDir: folder(t), Repository: empty.URL, Log: discard}, o, "14")
	if err == nil || !strings.Contains(err.Error(), "apt-get install postgresql-14") || !strings.Contains(err.Error(), "DATABASE_URL") {
		t.Errorf("got %v", err)
	}
}
