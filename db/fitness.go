package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Finding is a problem of a database that Frontdesk cannot work with, or a warning.
type Finding struct {
	Name     string // name of the check: one word, for programs
	Sentence string // what is wrong, and what to run
	Warning  bool   // true if Frontdesk can use the database nevertheless
}

// String returns the finding as one line of text.
func (f Finding) String() string { return f.Name + ": " + f.Sentence }

// extraConns is the number of connections of a replica outside its pool: one that
// listens, and two during migrations.
const extraConns = 3

// Fitness checks whether the database is fit for a pool of conns connections, and returns
// what it finds. It does not change the database. The error is a sentence that says why
// the database cannot be reached or checked.
func Fitness(ctx context.Context, url string, conns int32) ([]Finding, error) {
	cfg, err := parse(url, conns)
	if err != nil {
		return nil, err
	}
	return (&examination{cfg: cfg.ConnConfig, conns: int(cfg.MaxConns) + extraConns}).run(ctx)
}

// examination is one run of all checks.
type examination struct {
	cfg   *pgx.ConnConfig
	conns int // number of connections that a replica needs
	conn  *pgx.Conn
	found []Finding
	facts
}

// facts has the properties of the server, the database and the role that readFacts reads.
type facts struct {
	database, role, encoding, ctype  string
	standby, readOnly, durable       bool
	schema                           string // "" if no schema of the search path exists
	mayCreate, mayExtend, mayPlpgsql bool
	connections, roleLimit, dbLimit  int // -1: no limit
}

// run connects and runs all checks.
func (e *examination) run(ctx context.Context) ([]Finding, error) {
	e.cfg.ValidateConnect = nil // settings would remain in the server connections of a pooler
	if len(hosts(e.cfg)) > 1 {
		e.cfg.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	var err error
	if e.conn, err = e.connect(ctx); err != nil {
		return nil, err
	}
	defer e.conn.Close(context.WithoutCancel(ctx))
	if err := oldServer(e.conn.PgConn()); err != nil {
		e.unfit("version", "%s", err)
		return e.found, nil
	}
	for _, check := range []func(context.Context) error{
		e.setStatementTimeout, e.readFacts, e.checkPooling, e.checkText, e.checkWritable, e.checkSchema, e.checkTables, e.checkExtensions, e.checkConnections, e.checkHosts,
	} {
		if err := check(ctx); err != nil {
			return e.found, fmt.Errorf("check the database: %w", err)
		}
	}
	return e.found, nil
}

// connect opens a connection. Its error is a sentence that says what to do.
func (e *examination) connect(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, e.cfg.Copy())
	if err != nil {
		return nil, unreachable(err)
	}
	return conn, nil
}

// setStatementTimeout replaces a short statement_timeout of the role or the database, which could
// end a check. The pool sets the same.
func (e *examination) setStatementTimeout(ctx context.Context) error {
	if _, given := e.cfg.RuntimeParams["statement_timeout"]; given {
		return nil
	}
	_, err := e.conn.Exec(ctx, "set statement_timeout = "+literal(session["statement_timeout"]), simple)
	return err
}

// unfit adds a finding that is no warning.
func (e *examination) unfit(name, sentence string, args ...any) {
	e.found = append(e.found, Finding{Name: name, Sentence: fmt.Sprintf(sentence, args...)})
}

// row runs a query for one row, without preparing it.
func (e *examination) row(ctx context.Context, sql string, args ...any) pgx.Row {
	return e.conn.QueryRow(ctx, sql, append([]any{simple}, args...)...)
}

// readFacts reads the facts.
func (e *examination) readFacts(ctx context.Context) error {
	f := &e.facts
	return e.row(ctx, `select current_database(), current_user, pg_encoding_to_char(d.encoding), d.datctype, pg_is_in_recovery(),
			current_setting('transaction_read_only')::bool,
			current_setting('fsync')::bool and current_setting('full_page_writes')::bool and current_setting('synchronous_commit') <> 'off',
			coalesce(current_schema(), ''), coalesce(has_schema_privilege(current_schema(), 'create'), false),
			has_database_privilege(current_database(), 'create'),
			coalesce((select has_language_privilege(oid, 'usage') from pg_language where lanname = 'plpgsql'), false),
			current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
				- coalesce(current_setting('reserved_connections', true), '0')::int,
			r.rolconnlimit, d.datconnlimit
		from pg_database d, pg_roles r where d.datname = current_database() and r.rolname = current_user`).
		Scan(&f.database, &f.role, &f.encoding, &f.ctype, &f.standby, &f.readOnly, &f.durable,
			&f.schema, &f.mayCreate, &f.mayExtend, &f.mayPlpgsql, &f.connections, &f.roleLimit, &f.dbLimit)
}

// newDatabase is the remedy for a database with an unfit encoding or locale.
const newDatabase = "make another with createdb -E UTF8 -T template0 --locale=C.UTF-8 NAME (or any locale that ends in UTF-8), and set DATABASE_URL to it"

// checkText finds an encoding that cannot represent every character, and a locale that
// has no upper and lower case for letters outside ASCII.
func (e *examination) checkText(ctx context.Context) error {
	if e.encoding != "UTF8" {
		e.unfit("encoding", "the database %s has the encoding %s, which cannot hold every text: %s", e.database, e.encoding, newDatabase)
		return nil
	}
	var folds bool
	if err := e.row(ctx, "select lower('ÄÉЖ') = 'äéж'").Scan(&folds); err != nil {
		return err
	}
	if !folds {
		e.unfit("locale", "the database %s knows no upper and lower case beyond A to Z (its locale is %s): %s", e.database, e.ctype, newDatabase)
	}
	return nil
}

// checkWritable finds a standby, a role with read-only transactions, and settings that
// can lose committed data.
func (e *examination) checkWritable(context.Context) error {
	switch {
	case e.standby:
		e.unfit("standby", "the server is a standby, which nobody can write to: set DATABASE_URL to the primary server")
	case e.readOnly:
		e.unfit("readonly", "transactions of the role %s on the database %s are read-only: run ALTER DATABASE %s SET default_transaction_read_only = off, and look for the same setting of the role and the server",
			e.role, e.database, identifier(e.database))
	}
	if !e.durable {
		e.found = append(e.found, Finding{Name: "durability", Warning: true,
			Sentence: "a crash of the server can lose what was acknowledged: set fsync, full_page_writes and synchronous_commit to on"})
	}
	return nil
}

// checkSchema finds missing rights on the schema, and a schema of another program or of a
// later version.
func (e *examination) checkSchema(ctx context.Context) error {
	switch {
	case e.schema == "":
		e.unfit("schema", "no schema of the search path exists: run CREATE SCHEMA public AUTHORIZATION %s in the database %s", identifier(e.role), e.database)
		return nil
	case !e.mayCreate:
		e.unfit("rights", "the role %s may not make tables in the schema %s of the database %s: run GRANT CREATE ON SCHEMA %s TO %s there as its owner",
			e.role, e.schema, e.database, identifier(e.schema), identifier(e.role))
	}
	if !e.mayPlpgsql {
		e.unfit("language", "the role %s may not use the language plpgsql in the database %s: run CREATE EXTENSION IF NOT EXISTS plpgsql and GRANT USAGE ON LANGUAGE plpgsql TO %s there as its owner",
			e.role, e.database, identifier(e.role))
	}
	err := refuseForeign(ctx, e.conn)
	switch {
	case errors.Is(err, ErrForeign):
		e.unfit("foreign", "%s", err)
		return nil
	case err != nil:
		return err
	}
	return e.checkNewer(ctx)
}

// checkNewer finds a schema that a later version of the program has migrated.
func (e *examination) checkNewer(ctx context.Context) error {
	if readable, err := readsVersions(ctx, e.conn); err != nil || !readable {
		return err
	}
	var have int64
	err := e.row(ctx, "select coalesce(max(version_id), 0) from goose_db_version").Scan(&have)
	if err == nil && have > newestMigration() {
		e.unfit("newer", "%s", ErrNewer)
	}
	return err
}

// checkTables finds tables of Frontdesk that belong to another role. They can be neither
// read nor migrated.
func (e *examination) checkTables(ctx context.Context) error {
	var tables, owner string
	err := e.row(ctx, `select coalesce(string_agg(c.relname, ', ' order by c.relname), ''), coalesce(min(pg_get_userbyid(c.relowner)), '') from pg_class c
		where c.relnamespace = to_regnamespace(nullif(quote_ident($1), '""')) and c.relkind in ('r', 'p') and c.relname = any(string_to_array($2, ','))
		and not pg_has_role(c.relowner, 'usage')`, e.schema, strings.Join(slices.Concat(ourNames(), []string{"goose_db_version"}), ",")).Scan(&tables, &owner)
	if err == nil && tables != "" && e.mayCreate {
		e.unfit("owner", "tables of Frontdesk belong to the role %s and not to %s (%s): run GRANT %s TO %s, or set DATABASE_URL to that role",
			owner, e.role, tables, identifier(owner), identifier(e.role))
	}
	return err
}

// checkExtensions finds required extensions that are missing and cannot be created.
func (e *examination) checkExtensions(ctx context.Context) error {
	if e.schema == "" {
		return nil // checkSchema has reported it
	}
	for _, name := range extensions() {
		var installed, inPath, available, trusted, super bool
		err := e.row(ctx, `select exists (select from pg_extension where extname = $1),
			exists (select from pg_extension where extname = $1 and extnamespace::regnamespace::text = any(select quote_ident(s) from unnest(current_schemas(false)) s)),
			exists (select from pg_available_extensions where name = $1),
			coalesce((select bool_or(trusted) from pg_available_extension_versions where name = $1), false),
			(select rolsuper from pg_roles where rolname = current_user)`, name).Scan(&installed, &inPath, &available, &trusted, &super)
		switch {
		case err != nil:
			return err
		case installed && !inPath:
			e.unfit("extension", "the extension %s lies in a schema that is not searched: run ALTER EXTENSION %s SET SCHEMA %s in the database %s", name, identifier(name), identifier(e.schema), e.database)
		case installed:
		case !available:
			e.unfit("extension", "the server lacks the extension %s: install PostgreSQL's contrib package there (on Debian it is part of postgresql, on Red Hat it is postgresql-contrib)", name)
		case !super && (!trusted || !e.mayExtend):
			e.unfit("extension", "the role %s may not make the extension %s: run CREATE EXTENSION %s in the database %s as its owner or as a superuser", e.role, name, identifier(name), e.database)
		}
	}
	return nil
}

// checkConnections finds a limit of connections that is too low.
func (e *examination) checkConnections(context.Context) error {
	for _, limit := range []struct {
		n    int
		cure string
	}{
		{e.connections, fmt.Sprintf("raise max_connections of the server to %d or more", e.conns+3)},
		{e.roleLimit, fmt.Sprintf("run ALTER ROLE %s CONNECTION LIMIT -1", identifier(e.role))},
		{e.dbLimit, fmt.Sprintf("run ALTER DATABASE %s CONNECTION LIMIT -1", identifier(e.database))},
	} {
		if limit.n >= 0 && limit.n < e.conns {
			e.unfit("connections", "only %d connections are allowed, and each replica needs %d: %s, or set pool_max_conns in DATABASE_URL to a smaller number", limit.n, e.conns, limit.cure)
		}
	}
	return nil
}

// identifier returns a name as an SQL identifier, quoted if necessary.
func identifier(name string) string {
	if name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_0123456789") == "" && !strings.ContainsRune("0123456789", rune(name[0])) {
		return name
	}
	return pgx.Identifier{name}.Sanitize()
}
