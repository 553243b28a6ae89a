package db_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

func TestASchemaNewerThanTheProgramIsRefused(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	if _, err := pool.Exec(t.Context(), "insert into goose_db_version (version_id, is_applied) values (99999, true)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), pool); !errors.Is(err, db.ErrNewer) {
		t.Fatalf("got %v, want ErrNewer", err)
	}
}

func TestTwoReplicasMayMigrateAtOnce(t *testing.T) {
	t.Parallel()
	url := dbtest.NewURL(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			pool, err := db.Open(t.Context(), url, 2)
			if err != nil {
				t.Error(err)
				return
			}
			defer pool.Close()
			if err := db.Migrate(t.Context(), pool); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestAPasswordInADatabaseURLIsNeverPrinted(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"postgres://u:s3cret@127.0.0.1:1/x", "postgres://u:s3cret@host:port/x"} {
		_, err := db.Open(t.Context(), url, 1)
		if err == nil {
			t.Fatal("got no error, want one")
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf(`the error is %q, want it without "s3cret"`, err.Error())
		}
	}
}

// An answer stored before migration 00007 is not encrypted and cannot be used.
func TestUnsealedAnswersAreDeletedByTheMigration(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), dbtest.New(t)
	conn := stdlib.OpenDBFromPool(pool)
	defer conn.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, conn, db.Migrations())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.DownTo(ctx, 6); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"insert into users (username, email, password_hash, role) values ('Ana', 'ana@example.org', 'x', 'customer')",
		"insert into api_answers (user_id, key, request_hash, status, body, created_at) select id, 'k', 'x', 201, '{}', now() from users",
	} {
		if _, err := pool.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Migrate(ctx, pool); err != nil {
		t.Fatal(err)
	}
	var left, gone int
	if err := pool.QueryRow(ctx, "select count(*) from api_answers").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d answers are left (%v)", left, err)
	}
	for _, sql := range []string{
		"insert into api_answers (user_id, key, request_hash, created_at) select id, 'k', 'x', now() from users",
		"insert into api_answers (key, request_hash, created_at) values ('k', 'x', now())",
		"delete from users",
	} {
		if _, err := pool.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	if err := pool.QueryRow(ctx, "select count(*) from api_answers where user_id is not null").Scan(&gone); err != nil || gone != 0 {
		t.Errorf("%d answers without a user are left (%v)", gone, err)
	}
}

// An older version of the program writes no keys, and recognises the unique indexes by their
// names.
func TestAnOlderVersionCannotStoreADuplicateAddressOrCategory(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), dbtest.New(t)
	conn := stdlib.OpenDBFromPool(pool)
	defer conn.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, conn, db.Migrations())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.DownTo(ctx, 8); err != nil {
		t.Fatal(err)
	}
	const user, category = "insert into users (username, email, password_hash) values ('Ana', $1, '-')", "insert into categories (name) values ($1)"
	for _, sql := range []string{user, category} {
		if _, err := pool.Exec(ctx, sql, "Ana@example.org"); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Migrate(ctx, pool); err != nil {
		t.Fatal(err)
	}
	for sql, constraint := range map[string]string{user: "users_email_key", category: "categories_name_key"} {
		var pg *pgconn.PgError
		_, err := pool.Exec(ctx, sql, "ANA@example.ORG")
		if !errors.As(err, &pg) {
			t.Fatalf("%s: got the error %v, want %T", sql, err, pg)
		}
		if pg.ConstraintName != constraint {
			t.Errorf("%s: the constraint name is %q, want %q", sql, pg.ConstraintName, constraint)
		}
	}
}
