package dbtest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"net/url"
	"strings"

	"frontdesk/db"
)

// onServer returns a function for the connection strings of the databases on the server of
// a URL, and the name of the database in the URL.
func onServer(given string) (func(string) string, string, error) {
	u, err := url.Parse(given)
	if err != nil || len(u.Path) < 2 {
		return nil, "", fmt.Errorf("TEST_DATABASE_URL must be of the form postgres://user:password@host:5432/database")
	}
	return func(database string) string {
		to := *u
		to.Path = "/" + database
		return to.String()
	}, u.Path[1:], nil
}

// slow returns a URL with longer time limits. On a busy machine, creating a database or
// waiting for the template of another package takes long.
func slow(given string) (string, error) {
	u, err := url.Parse(given)
	if err != nil {
		return "", err
	}
	q := u.Query()
	q.Set("statement_timeout", "60s")
	q.Set("lock_timeout", "60s")
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20") // pgx does not decode a plus as a space
	return u.String(), nil
}

// makeTemplate makes the template once for all packages that share a server, and a new one
// when the migrations change. The database is marked as a template when it is complete, so
// that an incomplete one of an interrupted run is made again.
func (s *server) makeTemplate(ctx context.Context) error {
	s.template = "frontdesk_template_" + schemaHash()
	conn, err := s.admin.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "select pg_advisory_lock(7000)"); err != nil {
		return err
	}
	defer conn.Exec(ctx, "select pg_advisory_unlock(7000)")
	var complete bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1 and datistemplate)", s.template).Scan(&complete); err != nil || complete {
		return err
	}
	for _, sql := range []string{"drop database if exists " + s.template, "create database " + s.template} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	if err := s.migrate(ctx); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "alter database "+s.template+" is_template true")
	return err
}

// migrate migrates the template.
func (s *server) migrate(ctx context.Context) error {
	pool, err := db.Open(ctx, s.url(s.template), 2)
	if err != nil {
		return err
	}
	defer pool.Close() // a template in use cannot be cloned
	return db.Migrate(ctx, pool)
}

// schemaHash returns a hash of the migrations.
func schemaHash() string {
	h, all := sha256.New(), db.Migrations()
	names, _ := fs.Glob(all, "*.sql")
	for _, name := range names {
		body, _ := fs.ReadFile(all, name)
		h.Write(body)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:6])
}
