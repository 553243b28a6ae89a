package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// level is the level of each package. A package may import only packages of lower levels.
var level = map[string]int{
	"internal/fault": 0, "internal/killpoint": 0, "internal/requestid": 0, "internal/accept": 0, "internal/listing": 0, "internal/pgenv": 0, "internal/testdir": 0,
	"internal/input": 1, "internal/durable": 1, "static": 1,
	"internal/postgres": 2,
	"db":                3,
	"internal/blob":     4, "internal/upload": 4, "internal/live": 4, "internal/bus": 4, "internal/limit": 4, "internal/search": 4,
	"internal/mail": 4, "internal/mail/mailtest": 5, "internal/jobs": 4, "internal/event": 4,
	"internal/outbox": 4, "internal/socketio": 4, "internal/metrics": 4, "internal/tracing": 4, "internal/openapi": 4,
	"db/dbseed":                   4, // for the bench and for tests
	"internal/process":            2, // for the bench and for cmd/faults
	"cmd/bench/internal/progress": 2, "cmd/bench/internal/report": 2,
	"cmd/bench/internal/load": 3, "cmd/bench/internal/testbed": 6, "cmd/bench/internal/limit": 9, "cmd/bench/internal/works": 11,
	"cmd/faults/internal/journal": 2, "cmd/faults/internal/fault": 2, "cmd/faults/internal/testbed": 6,
	"cmd/faults/internal/proxy": 2, "cmd/faults/internal/client": 2, "cmd/faults/internal/hostile": 3, "cmd/faults/internal/people": 6, "cmd/faults/internal/comparison": 7, "cmd/faults/internal/trials": 9,
	"cmd/faults/internal/topology": 3, "cmd/faults/internal/cluster": 8,
	"internal/account":     5,
	"internal/ticketquery": 6, "internal/settings": 6,
	"internal/savedview": 7, "internal/mailout": 7,
	"internal/desk": 8,
	"internal/demo": 9, "internal/importer": 9, "internal/backup": 9, "internal/doctor": 9, "views/ui": 9,
	"views":          10,
	"views/mail":     10,
	"handlers/web":   11,
	"handlers/pages": 12, "handlers/api": 12, "handlers/realtime": 12,
	"handlers":      13,
	"cmd/frontdesk": 14, "cmd/bench": 14, "cmd/faults": 14,
	"db/dbtest": 14, "internal/live/livetest": 14, "internal/blob/blobtest": 14, "internal/bus/bustest": 14, "internal/tracing/tracetest": 14, // for tests
}

// only has the packages that may import a package or module, and the packages below it that have no
// entry of their own. All tests may import it too. cmd/bench and cmd/faults include their internal packages.
var only = map[string][]string{
	"frontdesk/db":                         {"internal/event", "internal/limit", "internal/search", "internal/account", "internal/settings", "internal/ticketquery", "internal/savedview", "internal/mailout", "internal/desk", "internal/outbox", "internal/tracing", "internal/demo", "internal/importer", "internal/backup", "internal/doctor", "cmd/frontdesk", "cmd/bench", "db/dbseed", "db/dbtest"},
	"frontdesk/db/dbseed":                  {"cmd/bench"},
	"frontdesk/internal/postgres":          {"cmd/frontdesk", "cmd/bench", "cmd/faults", "db/dbtest"},
	"frontdesk/db/dbtest":                  {},
	"frontdesk/internal/testdir":           {"db/dbtest"},
	"frontdesk/internal/live/livetest":     {},
	"frontdesk/internal/blob/blobtest":     {},
	"frontdesk/internal/tracing/tracetest": {},
	"frontdesk/internal/bus/bustest":       {},
	"github.com/labstack/echo/v4":          {"handlers", "handlers/web", "handlers/pages", "handlers/api", "handlers/realtime", "cmd/frontdesk", "cmd/bench"},
	"github.com/alexedwards/scs/v2":        {"handlers/web", "cmd/frontdesk"},
	"github.com/gorilla/websocket":         {"handlers/realtime", "internal/live", "internal/live/livetest", "internal/socketio", "cmd/bench", "cmd/faults"},
	"net/http":                             {"handlers", "handlers/web", "handlers/pages", "handlers/api", "handlers/realtime", "static", "internal/blob", "internal/blob/blobtest", "internal/live", "internal/live/livetest", "internal/socketio", "internal/doctor", "internal/metrics", "internal/process", "internal/tracing", "internal/tracing/tracetest", "cmd/frontdesk", "cmd/bench", "cmd/faults"},
	"go.opentelemetry.io":                  {"internal/tracing", "internal/tracing/tracetest"},
	"github.com/a-h/templ":                 {"views", "views/ui", "views/mail", "handlers/web", "handlers/pages", "handlers/api", "handlers/realtime"},
	"github.com/jackc/pgx/v5":              {"db", "db/dbseed", "db/dbtest", "internal/account", "internal/settings", "internal/ticketquery", "internal/savedview", "internal/mailout", "internal/desk", "internal/outbox", "internal/importer", "internal/postgres", "internal/jobs", "cmd/bench", "cmd/faults"}, // importer: reads the database of another program
	"github.com/jackc/pgx/v5/pgconn":       {"db", "internal/account", "internal/ticketquery", "internal/desk", "internal/outbox"},
	"github.com/nats-io/nats.go":           {"internal/bus"},
	"github.com/riverqueue/river":          {"internal/jobs"},
	"github.com/minio/minio-go/v7":         {"internal/blob"},
	"github.com/emersion/go-smtp":          {"internal/mail", "internal/mail/mailtest", "cmd/bench"},
	"github.com/wneessen/go-mail":          {"internal/mail"},
	"github.com/jackc/pgx/v5/pgxpool":      {"db", "internal/jobs", "internal/limit", "internal/account", "internal/ticketquery", "internal/mailout", "internal/desk", "internal/outbox", "internal/demo", "internal/importer", "internal/backup", "internal/doctor", "cmd/frontdesk", "cmd/bench", "db/dbtest"},

	"github.com/nats-io/nats-server/v2/server": {"internal/bus/bustest", "cmd/bench"},
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

// packages returns all packages of the program with what they import.
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

func TestEveryImportIsOfALowerLevel(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "frontdesk/")
		mine, known := level[name]
		if !known {
			t.Errorf("%s has no level: give it one in this test", name)
		}
		for _, imported := range p.Imports {
			if !mayImport(name, imported) {
				t.Errorf("%s may not import %s", name, imported)
			}
			theirs, ours := strings.CutPrefix(imported, "frontdesk/")
			if ours && level[theirs] >= mine {
				t.Errorf("%s (level %d) imports %s (level %d)", name, mine, theirs, level[theirs])
			}
		}
	}
}

// mayImport reports whether only lets a package import another one. The longest entry that is the
// imported package, or a folder above it, decides.
func mayImport(name, imported string) bool {
	importer, _, _ := strings.Cut(name, "/internal/")
	for of := imported; of != "."; of = path.Dir(of) {
		if allowed, limited := only[of]; limited {
			return slices.Contains(allowed, importer)
		}
	}
	return true
}

func TestPackagesBelowAModuleAreLimitedLikeIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, imported string
		want           bool
	}{
		{"handlers/web", "github.com/labstack/echo/v4", true},
		{"handlers/web", "github.com/labstack/echo/v4/middleware", true},
		{"internal/desk", "github.com/labstack/echo/v4", false},
		{"internal/desk", "github.com/labstack/echo/v4/middleware", false},
		{"handlers/pages", "github.com/jackc/pgx/v5/pgtype", false},
		{"internal/backup", "github.com/jackc/pgx/v5/pgxpool", true}, // has an entry of its own
		{"internal/backup", "github.com/jackc/pgx/v5", false},
		{"internal/backup", "github.com/jackc/pgx/v5x", true}, // another module
		{"cmd/bench/internal/load", "github.com/gorilla/websocket", true},
		{"internal/desk", "net/http/httptest", false},
		{"internal/desk", "net/url", true},
		{"views", "frontdesk/db/migrations", false},
	} {
		if got := mayImport(c.name, c.imported); got != c.want {
			t.Errorf("%s imports %s: got %t, want %t", c.name, c.imported, got, c.want)
		}
	}
}
