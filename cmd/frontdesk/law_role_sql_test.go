package main

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// roleInSQL matches a comparison of a role with a built-in one in SQL, in either order, or with a list.
var roleInSQL = regexp.MustCompile(`(?i)\brole(?:::\w+)?\s*\)?\s*(?:` + comparison + `|when\s*|(?:not\s+)?in\s*\()\s*` + listOf + builtInRole +
	`|` + builtInRole + `(?:::\w+)?\s*` + comparison + `\s*(?:\w+\.)*role\b`)

const (
	comparison  = `(?:=|<>|!=|is\s+(?:not\s+)?distinct\s+from|(?:not\s+)?i?like)`
	listOf      = `(?:(?:any|all)\s*\(\s*(?:array\s*\[\s*)?)?`
	builtInRole = `'\{?(?:customer|agent|admin)\b[^']*'`
)

// lastOldMigration is the last migration that is not checked. The older ones are history: they may not be
// changed, and define works_as_staff, reach_of and the other functions that queries call.
const lastOldMigration = "00058"

func TestRightsAreNotDecidedByRolesInQueries(t *testing.T) {
	t.Parallel()
	queries, err := filepath.Glob("../../queries/*.sql")
	if err != nil || len(queries) == 0 {
		t.Fatalf("no queries: %v", err)
	}
	migrations, err := filepath.Glob("../../db/migrations/*.sql")
	if err != nil || len(migrations) == 0 {
		t.Fatalf("no migrations: %v", err)
	}
	for _, name := range migrations {
		if filepath.Base(name)[:len(lastOldMigration)] > lastOldMigration {
			queries = append(queries, name)
		}
	}
	check := func(name, text string) {
		if found := roleInSQL.FindString(text); found != "" {
			t.Errorf("%s compares roles: call works_as_staff, reach_of or another function of the migrations instead: %s", name, found)
		}
	}
	for _, name := range queries {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		check(filepath.Base(name), string(text))
	}
	eachGoFile(t, func(name string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				text, _ := strconv.Unquote(literal.Value)
				check(name, text)
			}
			return true
		})
	})
}

func TestEveryComparisonOfARoleInSQLIsFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"role = 'admin'": true, "where u.role='agent'": true, "u.role <> 'customer'": true, "role != 'customer'": true, "ROLE = 'admin'": true,
		"'admin' = role": true, "'admin'::user_role = u.role": true, "role::text = 'admin'": true, "(u.role) = 'admin'": true,
		"role in ('agent', 'admin')": true, "role not in ('customer')": true, "case role when 'admin' then": true, "role = any('{admin}')": true,
		"role = any('{agent,admin}'::user_role[])": true, "role = any(array['admin'])": true, "role <> all ('{customer}')": true,
		"role is not distinct from 'admin'": true, "role IS DISTINCT FROM 'customer'": true, "role like 'admin'": true, "role\n\t= 'admin'": true,
		"set role = $1": false, "role = @role": false, "works_as_staff(u.role)": false, "coalesce(data ->> 'agent', '')": false, "kind = 'admin'": false, "": false,
	} {
		if got := roleInSQL.MatchString(text); got != want {
			t.Errorf("%s: got %t, want %t", strings.TrimSpace(text), got, want)
		}
	}
}
