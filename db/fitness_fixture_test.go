package db_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
)

// with returns the URL of a database with additional parameters.
func with(t *testing.T, address string, params ...string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for i := 0; i < len(params); i += 2 {
		q.Set(params[i], params[i+1])
	}
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20") // pgx does not decode a plus as a space
	return u.String()
}

// execute runs statements on a database, each in its own transaction.
func execute(t *testing.T, address string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, sql := range statements {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// unfit returns the findings about a database without warnings.
func unfit(t *testing.T, address string) []db.Finding {
	t.Helper()
	all, err := db.Fitness(t.Context(), address, poolSize)
	if err != nil {
		t.Fatal(err)
	}
	var found []db.Finding
	for _, f := range all {
		if !f.Warning {
			found = append(found, f)
		}
	}
	return found
}

// finds fails the test unless the only finding about the database has the name, and its text
// contains says.
func finds(t *testing.T, address, name, says string) {
	t.Helper()
	found := unfit(t, address)
	if len(found) != 1 {
		t.Fatalf("got %d elements, want 1: %+v", len(found), found)
	}
	if found[0].Name != name {
		t.Errorf("the name is %q, want %q", found[0].Name, name)
	}
	if !strings.Contains(found[0].Sentence, says) {
		t.Errorf("the sentence is %q, want it with %q", found[0].Sentence, says)
	}
}

// fit fails the test if the database is unfit.
func fit(t *testing.T, address string) {
	t.Helper()
	if found := unfit(t, address); len(found) != 0 {
		t.Errorf("got %v, want nothing", found)
	}
}
