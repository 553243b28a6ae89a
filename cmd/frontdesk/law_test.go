package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// level is how high a package of ours stands: it may import what stands lower.
var level = map[string]int{
	"internal/accept": -1,
	"static":          0, "internal/postgres": 0,
	"db":            1,
	"db/dbseed":     2, // for the bench, and for tests
	"internal/desk": 2, "internal/blob": 2, "internal/live": 2,
	"views":         3,
	"handlers":      4,
	"cmd/frontdesk": 5, "cmd/bench": 5,
	"db/dbtest": 5, "internal/live/livetest": 5, // for tests
}

// only lists who alone may import something; tests may as well.
var only = map[string][]string{
	"frontdesk/db":                     {"internal/desk", "cmd/frontdesk", "cmd/bench", "db/dbseed", "db/dbtest"},
	"frontdesk/db/dbseed":              {"cmd/bench"},
	"frontdesk/internal/postgres":      {"cmd/frontdesk", "cmd/bench", "db/dbtest"},
	"frontdesk/db/dbtest":              {},
	"frontdesk/internal/live/livetest": {},
	"github.com/labstack/echo/v4":      {"handlers", "cmd/frontdesk", "cmd/bench"},
	"github.com/alexedwards/scs/v2":    {"handlers", "cmd/frontdesk"},
	"github.com/gorilla/websocket":     {"handlers", "internal/live", "internal/live/livetest", "cmd/bench"},
	"net/http":                         {"handlers", "static", "internal/live", "internal/live/livetest", "cmd/frontdesk", "cmd/bench"},
	"github.com/a-h/templ":             {"views", "handlers"},
	"github.com/jackc/pgx/v5":          {"db", "db/dbseed", "db/dbtest", "internal/desk", "internal/postgres", "cmd/bench"},
	"github.com/jackc/pgx/v5/pgxpool":  {"db", "internal/desk", "cmd/frontdesk", "cmd/bench", "db/dbtest"},
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "frontdesk/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestEveryImportKeepsTheLaw(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "frontdesk/")
		mine, known := level[name]
		if !known {
			t.Errorf("%s has no level: give it one in this test", name)
		}
		for _, imported := range p.Imports {
			if allowed, limited := only[imported]; limited && !slices.Contains(allowed, name) {
				t.Errorf("%s may not import %s", name, imported)
			}
			theirs, ours := strings.CutPrefix(imported, "frontdesk/")
			if ours && level[theirs] >= mine {
				t.Errorf("%s (level %d) imports %s (level %d)", name, mine, theirs, level[theirs])
			}
		}
	}
}
