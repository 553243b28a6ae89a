package desk_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// outsideRights has the methods that write without checking the actor's right, with the
// reason: limits count refused requests too, and a key or the time of the last use is written
// for the request itself.
var outsideRights = map[string]string{
	"Seen":             "marks the account as used",
	"See":              "marks how far the log was seen, right after it was read",
	"readNotification": "marks how far the log was seen, right after it was read",
	"MarkRead":         "marks how far the log was seen, right after it was read",
	"DropForms":        "removes what the actor typed, which the page has shown",
	"BeginAnswer":      "takes a key of the request; its answer is given only to a right that holds",
}

// TestEveryWriteOfAnActorChecksTheirRight reads the source of desk and account: a function
// with an actor writes only through ActAs and similar functions.
func TestEveryWriteOfAnActorChecksTheirRight(t *testing.T) {
	t.Parallel()
	writes := writeQueries(t)
	here, err1 := filepath.Glob("*.go")
	accounts, err2 := filepath.Glob("../account/*.go")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, name := range append(here, accounts...) {
		if strings.HasSuffix(name, "_test.go") || filepath.Base(name) == "rights.go" {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Body == nil || !hasActor(fn) {
				continue
			}
			for _, call := range ownWrites(fn, writes) {
				seen[fn.Name.Name] = true
				if outsideRights[fn.Name.Name] == "" {
					t.Errorf("%s: %s writes by %s without checking the actor's right", name, fn.Name.Name, call)
				}
			}
		}
	}
	for name := range outsideRights {
		if !seen[name] {
			t.Errorf("%s is an exception, but writes nothing", name)
		}
	}
}

// writeQueries returns the names of the queries that change a row.
func writeQueries(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../../queries/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no queries: %v", err)
	}
	out := map[string]bool{}
	changes := regexp.MustCompile(`(?m)^\s*(insert into|update|delete from)\s|\b(insert into|delete from) `)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, query := range strings.Split(string(text), "-- name: ")[1:] {
			title, body, _ := strings.Cut(query, "\n")
			if changes.MatchString(regexp.MustCompile(`(?m)^\s*--.*$`).ReplaceAllString(body, "")) {
				out[strings.Fields(title)[0]] = true
			}
		}
	}
	return out
}

// hasActor reports whether the function has a parameter of type Actor.
func hasActor(fn *ast.FuncDecl) bool {
	for _, p := range fn.Type.Params.List {
		switch typ := p.Type.(type) {
		case *ast.Ident:
			if typ.Name == "Actor" {
				return true
			}
		case *ast.SelectorExpr:
			if typ.Sel.Name == "Actor" {
				return true
			}
		}
	}
	return false
}

// ownWrites returns the calls of tx and of writes through q in a function.
func ownWrites(fn *ast.FuncDecl, writes map[string]bool) (out []string) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if _, ok := sel.X.(*ast.Ident); ok && sel.Sel.Name == "tx" {
			out = append(out, "tx")
		}
		if inner, ok := sel.X.(*ast.SelectorExpr); ok && inner.Sel.Name == "q" && writes[sel.Sel.Name] {
			out = append(out, "q."+sel.Sel.Name)
		}
		return true
	})
	return out
}
