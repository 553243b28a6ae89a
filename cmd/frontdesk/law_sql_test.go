package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// ownSQL has the files and folders that may have SQL of their own, with the reason. All other SQL
// is in queries, where sqlc checks it against the schema. docs/design.md has the same list.
var ownSQL = map[string]string{
	"internal/ticketquery/": "lists of tickets: the statement depends on the filter",
	"internal/importer/":    "reads the database of another program, whose tables differ",
	"db/fitness.go":         "before the schema exists",
	"db/fitness_pooling.go": "before the schema exists",
	"db/foreign.go":         "before the schema exists",
	"db/migrate.go":         "before the schema exists",
	"db/pooler.go":          "before it is known whether statements can be prepared",
	"db/sessions.go":        "on a connection that is not in the pool yet",
	"db/load.go":            "tables by name, with COPY",
	"db/snapshot.go":        "tables by name, with COPY",
	"db/statistics.go":      "catalogue views, whose columns depend on the version of PostgreSQL and on rights",
	"db/listen.go":          "LISTEN and NOTIFY",
	"db/dbtest/":            "databases for tests",
	"db/dbseed/":            "rows for measuring",
	"cmd/faults/":           "checks the desk without using its code",
}

// statement matches the beginning of a statement that reads or changes rows. Comments and brackets may
// precede it. Texts of pages begin with "Select" too: in mixed case it needs a number, *, a call or FROM.
var statement = regexp.MustCompile(`^(?:\s|--[^\n]*\n|/\*(?s:.*?)\*/|\()*(?:(?:select|SELECT)\s|` +
	`(?is:select\s+(?:[\d*]|\w+\(|.*\sfrom\s)|insert\s+into\s|delete\s+from\s|merge\s+into\s|truncate\s|call\s+[\w.]+\(|` +
	`update\s+\S+\s+(?:\S+\s+)?set\s|with\s+(?:recursive\s+)?\w+\s*(?:\([^)]*\)\s*)?as\s))`)

func TestSQLIsInQueries(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, root := range []string{"cmd", "db", "handlers", "internal", "static", "views"} {
		err := filepath.WalkDir(filepath.Join("../..", root), func(path string, d fs.DirEntry, err error) error {
			name := strings.TrimPrefix(filepath.ToSlash(path), "../../")
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "node_modules":
				return fs.SkipDir
			case d.IsDir(), !strings.HasSuffix(name, ".go"), strings.HasSuffix(name, "_test.go"), strings.HasSuffix(name, ".sql.go"):
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			if sql := firstSQL(file); sql != "" {
				entry := entryFor(name)
				used[entry] = true
				if entry == "" {
					t.Errorf("%s has SQL (%.40q): put it into queries, or the file into ownSQL with the reason", name, sql)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name := range ownSQL {
		if !used[name] {
			t.Errorf("%s has no SQL any more: remove it from ownSQL", name)
		}
	}
}

// entryFor returns the name in ownSQL that covers a file, or "" if there is none.
func entryFor(name string) string {
	for entry := range ownSQL {
		if name == entry || strings.HasSuffix(entry, "/") && strings.HasPrefix(name, entry) {
			return entry
		}
	}
	return ""
}

// firstSQL returns the first string of a file that begins like a statement, or "".
func firstSQL(file *ast.File) (found string) {
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if ok && found == "" && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil && statement.MatchString(text) {
				found = text
			}
		}
		return found == ""
	})
	return found
}

func TestOnlyStatementsAreTakenForSQL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"select 1": true, "SELECT 1": true, "\n\tselect count(*) from ": true, "insert into users (id) values (1)": true,
		"Update tickets set subject = ''": true, "delete from users": true, "with recent as materialized (": true, "with recursive a(n) as (": true,
		"-- the newest\n\t-- of all\nselect 1": true, "/* all */ delete from users": true, "(select id from users)": true, "merge into users using": true,
		"truncate users": true, "TRUNCATE TABLE users": true, "Select id from users": true, "Select 1": true, "sElect\n* from users": true,
		"Select count(*)": true, "call end_sessions(1)": true, "(with recent as (select 1) select 2": true,
		"call %s: %w": false, "call: ": false, "-- select": false, "merge tickets": false, "(selected)": false, "truncated": false, "Select the team": false,
		"delete ticket: %w": false, "Delete a view": false, "update user": false, "with this address, ": false, "selected": false, "Select a ticket": false, "": false,
	} {
		if got := statement.MatchString(text); got != want {
			t.Errorf("%q: got %t, want %t", text, got, want)
		}
	}
}
