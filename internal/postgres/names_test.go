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
			if !ok || url != c.URL("postgres") {
				t.Errorf("another command finds %q (%v), want %q", url, ok, c.URL("postgres"))
			}
			stop(t, c)
		})
	}
}

func TestADataFolderWithALineBreakInItsNameIsRefused(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), "two\nlines")
	_, err := Start(t.Context(), Options{DataDir: dir, NoSync: true})
	if err == nil || !strings.Contains(err.Error(), "choose a DATA_DIR without") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder is made all the same")
	}
}

// The folder of temporary files is odd too, and long.
func TestTheSocketFindsAPlainFolder(t *testing.T) {
	deep := filepath.Join(folder(t), strings.Repeat("deep/", 30), "a,b")
	if err := os.MkdirAll(deep, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", deep)
	c := start(t, Options{DataDir: filepath.Join(deep, "data")})
	defer stop(t, c)
	if len(c.socket) > maxSocketDir {
		t.Errorf("the socket's folder has %d bytes: %s", len(c.socket), c.socket)
	}
}
