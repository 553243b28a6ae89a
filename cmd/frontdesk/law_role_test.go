package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// roleChecks has the files that may compare roles: they describe a role, and decide nothing by it. Rights
// are decided by permissions, see internal/account and internal/desk/policy.go.
var roleChecks = []string{
	"handlers/web/json.go",  // the fields of an account in the API
	"internal/demo/demo.go", // the parts that people of the demo play
	"views/invitations.go",  // the roles that can be chosen
	"views/user_templ.go",   // the parts of the page of a user
	"views/users.go",        // the texts about roles
	"views/users_templ.go",  // what a change of the role means
	"views/ui/marks.go",     // the badge of staff
}

func TestRightsAreNotDecidedByRolesOutsideThePolicy(t *testing.T) {
	t.Parallel()
	var found []string
	for _, root := range []string{"cmd", "handlers", "internal", "views"} {
		err := filepath.WalkDir(filepath.Join("../..", root), func(path string, d fs.DirEntry, err error) error {
			name := strings.TrimPrefix(filepath.ToSlash(path), "../../")
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "internal/account/") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err == nil && comparesRoles(file) {
				found = append(found, name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range found {
		if !slices.Contains(roleChecks, name) {
			t.Errorf("%s compares roles: ask account.Actor.Can or desk.May instead", name)
		}
	}
	for _, name := range roleChecks {
		if !slices.Contains(found, name) {
			t.Errorf("%s compares no roles any more: remove it from roleChecks", name)
		}
	}
}

// roleInSQL matches a comparison of a role with a built-in one in SQL.
var roleInSQL = regexp.MustCompile(`\brole(::\w+)?\s*(=|<>|!=|in\s*\(|not\s+in\s*\(|when)\s*'`)

func TestRightsAreNotDecidedByRolesInQueries(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../queries/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no queries: %v", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(text), "\n") {
			if roleInSQL.MatchString(line) {
				t.Errorf("%s compares roles: call works_as_staff, reach_of or another function of the migrations instead: %s", filepath.Base(name), line)
			}
		}
	}
}

// comparesRoles reports whether a file compares a value with one of the built-in roles, or asks
// whether an account is one of staff or an admin.
func comparesRoles(file *ast.File) (found bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			found = found || (n.Op == token.EQL || n.Op == token.NEQ) && (hasRole(n.X) || hasRole(n.Y))
		case *ast.CaseClause:
			found = found || slices.ContainsFunc(n.List, hasRole)
		case *ast.CallExpr:
			name := calledName(n)
			found = found || name == "IsAdmin" || name == "IsStaff"
		}
		return !found
	})
	return found
}

// hasRole reports whether an expression has one of the built-in roles in it.
func hasRole(of ast.Expr) (found bool) {
	ast.Inspect(of, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			found = found || slices.Contains([]string{"RoleCustomer", "RoleAgent", "RoleAdmin", "UserRoleCustomer", "UserRoleAgent", "UserRoleAdmin"}, s.Sel.Name)
		}
		return !found
	})
	return found
}

// calledName returns the name of a called function or method, without its package or receiver.
func calledName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}
