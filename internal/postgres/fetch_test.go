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

// repository serves a Maven repository with the installed server, in the format of the real
// one: a jar that contains a tar.xz of three programs and their libraries.
func repository(t *testing.T) *httptest.Server {
	t.Helper()
	bin, err := findBinaries(t.Context(), Options{}, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	archive := filepath.Join(dir, "postgres.txz")
	pack := exec.Command("tar", "-C", filepath.Dir(bin), "--exclude=lib/bitcode", "--exclude=lib/pgxs", "-cJf", archive,
		"bin/initdb", "bin/pg_ctl", "bin/postgres", "lib")
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
	w, err := z.CreateHeader(&zip.FileHeader{Name: "postgres.txz", Method: zip.Store}) // the file is already compressed
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
	opts := Options{DataDir: filepath.Join(folder(t), "a b, 'c' дом"), Repository: repo.URL, Log: discard}
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
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(filepath.Dir(bin))), "new-*")); len(left) > 0 {
		t.Errorf("folders of the fetch are left: %v", left)
	}
	// A cluster of another version needs a server of that version.
	if _, err := fetch(context.Background(), opts, o, "16"); err == nil {
		t.Error("a server of another version is accepted for version 16")
	}
}

// makePrograms creates files with the names of the programs of a server.
func makePrograms(t *testing.T, bin string) {
	t.Helper()
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"postgres", "initdb"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\necho 'postgres (PostgreSQL) 17.5'\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnInterruptedFetchIsRepeated(t *testing.T) {
	t.Parallel()
	empty := httptest.NewServer(http.NotFoundHandler())
	defer empty.Close()
	o, err := findOwner()
	if err != nil {
		t.Fatal(err)
	}
	for what, unfinished := range map[string][]string{
		"aside":                         {"new-1/server/bin"},
		"in place, by an older program": {"server/bin", "cache"},
	} {
		opts := Options{DataDir: folder(t), Repository: empty.URL, Log: discard}
		for _, dir := range unfinished {
			makePrograms(t, filepath.Join(opts.DataDir, "postgres-bin", dir))
		}
		if bin, err := fetch(t.Context(), opts, o, ""); err == nil {
			t.Errorf("%s: %s is accepted as a server", what, bin)
		}
	}
}

func TestAServerFetchedByAnOlderProgramIsStillUsed(t *testing.T) {
	t.Parallel()
	o, err := findOwner()
	if err != nil {
		t.Fatal(err)
	}
	opts := Options{DataDir: folder(t), Log: discard}
	want := filepath.Join(opts.DataDir, "postgres-bin", "server", "bin")
	makePrograms(t, want)
	if got, err := fetch(t.Context(), opts, o, "17"); err != nil || got != want {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestAFolderInWhichFetchedProgramsDoNotWorkIsRefused(t *testing.T) {
	t.Parallel()
	o, err := findOwner()
	if err != nil {
		t.Fatal(err)
	}
	_, err = findBinariesWithout(t, Options{DataDir: filepath.Join(folder(t), `a "b"`), Log: discard}, o)
	if err == nil {
		t.Fatal("got no error, want one")
	}
	if !strings.Contains(err.Error(), "apt-get install postgresql") {
		t.Errorf(`the error is %q, want it with "apt-get install postgresql"`, err.Error())
	}
	if !strings.Contains(err.Error(), "do not work in a folder with one of") {
		t.Errorf(`the error is %q, want it with "do not work in a folder with one of"`, err.Error())
	}
}

// findBinariesWithout searches for a version that is not installed.
func findBinariesWithout(t *testing.T, opts Options, o *owner) (string, error) {
	t.Helper()
	return findBinaries(t.Context(), opts, o, "99")
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
	if err == nil {
		t.Fatal("got no error, want one")
	}
	if !strings.Contains(err.Error(), "apt-get install postgresql-14") {
		t.Errorf(`the error is %q, want it with "apt-get install postgresql-14"`, err.Error())
	}
	if !strings.Contains(err.Error(), "DATABASE_URL") {
		t.Errorf(`the error is %q, want it with "DATABASE_URL"`, err.Error())
	}
}
