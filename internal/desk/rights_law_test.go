package desk_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// outsideRights are the writes that need no right of the actor's: limits count
// what is refused too, and a key or a mark of use is written for the request itself.
var outsideRights = map[string]string{
	"Seen":        "notes the request itself",
	"See":         "how far a page was seen, by who was let in a moment ago",
	"MarkRead":    "how far a page was seen, by who was let in a moment ago",
	"TakeForm":    "gives the actor what they typed",
	"BeginAnswer": "takes a key of the request; its answer is given only to a right that holds",
}

// TestEveryWriteOfAnActorRestsOnTheirRight reads the source of the package: a
// function with an actor writes through act or actAlone, never by itself.
func TestEveryWriteOfAnActorRestsOnTheirRight(t *testing.T) {
	t.Parallel()
	writes := writeQueries(t)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "rights.go" {
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
					t.Errorf("%s: %s writes by %s, without the actor's right", name, fn.Name.Name, call)
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

// writeQueries are the names of the queries that change a row.
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

func hasActor(fn *ast.FuncDecl) bool {
	for _, p := range fn.Type.Params.List {
		if id, ok := p.Type.(*ast.Ident); ok && id.Name == "Actor" {
			return true
		}
	}
	return false
}

// ownWrites are the calls of d.tx, and of writes through d.q, in a function.
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
		if id, ok := sel.X.(*ast.Ident); ok && id.Name == "d" && sel.Sel.Name == "tx" {
			out = append(out, "d.tx")
		}
		if inner, ok := sel.X.(*ast.SelectorExpr); ok && inner.Sel.Name == "q" && writes[sel.Sel.Name] {
			out = append(out, "d.q."+sel.Sel.Name)
		}
		return true
	})
	return out
}
