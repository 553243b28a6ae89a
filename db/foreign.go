package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
)

// ErrForeign is returned if the schema belongs to another program.
var ErrForeign = errors.New("the database belongs to another program")

// marker is a table of our first migration whose name other programs are unlikely to use.
// A schema with this table and goose's own table is ours.
const marker = "kept_forms"

// creates matches the statements of our migrations that create a named object, such as a
// table. The first group is the name.
var creates = regexp.MustCompile(`(?im)^\s*create\s+(?:or\s+replace\s+)?(?:unique\s+)?(?:table|type|function|procedure|index|sequence|view)\s+(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?([a-z_]+)`)

// ourNames returns the names of all objects that our migrations create.
var ourNames = sync.OnceValue(func() []string { return matches(creates) })

// needs matches the statements of our migrations that create an extension. The first
// group is the name.
var needs = regexp.MustCompile(`(?im)^\s*create\s+extension\s+(?:if\s+not\s+exists\s+)?"?([a-z_-]+)`)

// extensions returns the names of the extensions that our migrations create.
var extensions = sync.OnceValue(func() []string { return matches(needs) })

// matches returns the matches of the first group of the pattern in all migrations, sorted and
// without duplicates.
func matches(pattern *regexp.Regexp) []string {
	var found []string
	all := Migrations()
	files, _ := fs.Glob(all, "*.sql")
	for _, file := range files {
		body, _ := fs.ReadFile(all, file) // embedded
		for _, m := range pattern.FindAllStringSubmatch(string(body), -1) {
			found = append(found, m[1])
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// simple sends a query without preparing it, because a pooler may lose prepared statements.
const simple = pgx.QueryExecModeSimpleProtocol

// refuseForeign returns [ErrForeign], with the reason and what to do, if the schema has
// the tables of the first system, goose versions of another program, or an object with
// one of our names. Unrelated tables are allowed.
func refuseForeign(ctx context.Context, conn *pgx.Conn) error {
	has, err := relations(ctx, conn)
	if err != nil {
		return fmt.Errorf("read the names of the schema: %w", err)
	}
	switch {
	case has["goose_db_version"] && has[marker]:
		return nil
	case has["_prisma_migrations"] || has["User"] && has["Ticket"]:
		return fmt.Errorf("%w, the first system (it has Prisma's tables, such as \"User\" and \"Ticket\"), and is left as it is: set DATABASE_URL to an empty database of its own (createdb -E UTF8 -T template0 frontdesk), "+
			"and copy the first system's data with frontdesk import --from URL --uploads DIR, where URL is the DATABASE_URL of now (see docs/moving.md)", ErrForeign)
	case has["goose_db_version"]:
		return refuseForeignGoose(ctx, conn)
	}
	for _, name := range ourNames() {
		if has[name] {
			return fmt.Errorf("%w, which has something named %q where Frontdesk needs that name: set DATABASE_URL to an empty database of its own (createdb -E UTF8 -T template0 frontdesk)", ErrForeign, name)
		}
	}
	return nil
}

// refuseForeignGoose returns [ErrForeign] if goose's table has versions; the caller has
// found that our tables are missing. A table without versions is from an interrupted
// first start.
func refuseForeignGoose(ctx context.Context, conn *pgx.Conn) error {
	if readable, err := readsVersions(ctx, conn); err != nil || !readable {
		return err
	}
	var applied bool
	err := conn.QueryRow(ctx, "select exists (select from goose_db_version where version_id > 0)", simple).Scan(&applied)
	if err == nil && applied {
		err = fmt.Errorf("%w, which counts its own migrations in the table goose_db_version: set DATABASE_URL to an empty database of its own (createdb -E UTF8 -T template0 frontdesk)", ErrForeign)
	}
	return err
}

// readsVersions reports whether goose's table exists and the role has the right to read it.
func readsVersions(ctx context.Context, conn *pgx.Conn) (readable bool, err error) {
	err = conn.QueryRow(ctx, "select coalesce(has_table_privilege(to_regclass('goose_db_version'), 'select'), false)", simple).Scan(&readable)
	return readable, err
}

// relations returns the names of all tables, indexes, types and functions of the schema
// in which our tables are created.
func relations(ctx context.Context, conn *pgx.Conn) (map[string]bool, error) {
	var all string
	err := conn.QueryRow(ctx, `select coalesce(string_agg(name, chr(10)), '') from (
		select relname::text as name from pg_class where relnamespace = quote_ident(current_schema())::regnamespace
		union select typname::text from pg_type where typnamespace = quote_ident(current_schema())::regnamespace
		union select proname::text from pg_proc where pronamespace = quote_ident(current_schema())::regnamespace) as names`, simple).Scan(&all)
	has := map[string]bool{}
	for name := range strings.SplitSeq(all, "\n") {
		has[name] = true
	}
	return has, err
}
