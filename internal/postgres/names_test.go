package postgres

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestADataFolderMayHaveAnyName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		`a b, "c" дом`, "-it's 100%20+b#c?d&e=f;g ", ` back\slash $HOME `, "`id` {a,b}*[c]\t~", "日本語 e\u0301 @h:5432", strings.Repeat("long", 40),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(folder(t), name)
			c := start(t, Options{DataDir: dir})
			if got := query(t, c, "select 'yes'"); got != "yes" {
				t.Errorf("got %q", got)
			}
			url, ok := Running(dir, "postgres")
			if !ok {
				t.Fatal("another command finds no server")
			}
			if url != c.URL("postgres") {
				t.Errorf("the url is %q, want %q", url, c.URL("postgres"))
			}
			stop(t, c)
		})
	}
}

func TestADataFolderWithALineBreakInItsNameIsRefused(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), "two\nlines")
	_, err := Start(t.Context(), Options{DataDir: dir, NoSync: true})
	if err == nil {
		t.Fatal("got no error, want one")
	}
	if !strings.Contains(err.Error(), "choose a DATA_DIR without") {
		t.Errorf(`the error is %q, want it with "choose a DATA_DIR without"`, err.Error())
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder is created nevertheless")
	}
}

// The folder of temporary files also has an unusual and long name.
func TestTheSocketIsInAShortFolder(t *testing.T) {
	deep := filepath.Join(folder(t), strings.Repeat("deep/", 30), "a,b")
	if err := os.MkdirAll(deep, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", deep)
	c := start(t, Options{DataDir: filepath.Join(deep, "data")})
	defer stop(t, c)
	if len(c.socket) > maxSocketDir {
		t.Errorf("the path of the socket's folder has %d bytes: %s", len(c.socket), c.socket)
	}
}

// A system without the locale C.UTF-8 can have another UTF-8 locale.
func TestANewClusterUsesTheNextLocaleIfOneIsMissing(t *testing.T) {
	t.Parallel()
	real, err := findBinaries(t.Context(), Options{}, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(folder(t), "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(real, "postgres"), filepath.Join(bin, "postgres")); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\ncase \"$*\" in *--locale=C.UTF-8*) echo 'initdb: error: invalid locale name \"C.UTF-8\"' >&2; exit 1 ;; esac\nexec '" + filepath.Join(real, "initdb") + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(bin, "initdb"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	c, err := Start(t.Context(), Options{DataDir: folder(t), BinDir: bin, NoSync: true})
	if err != nil && strings.Contains(err.Error(), "install a UTF-8 locale") {
		t.Skip("this system has no other UTF-8 locale")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, c)
	if got := query(t, c, "select lower('ÄÉЖ')"); got != "äéж" {
		t.Errorf("got %q", got)
	}
}
