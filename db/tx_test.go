package db_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

func TestEveryTransactionIsReadCommittedWhateverTheDefaults(t *testing.T) {
	t.Parallel()
	address := dbtest.NewURL(t)
	execute(t, address, "do $$ begin execute format('alter database %I set default_transaction_isolation = serializable', current_database()); end $$")
	for name, url := range map[string]string{"database": address, "URL": with(t, address, "default_transaction_isolation", "repeatable read"),
		"options": with(t, address, "options", "-c default_transaction_isolation=serializable")} {
		pool, err := db.Open(t.Context(), url, 1)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		var alone, together string
		if err := pool.QueryRow(t.Context(), "show transaction_isolation").Scan(&alone); err != nil {
			t.Fatal(err)
		}
		if alone != "read committed" {
			t.Errorf("%s: a single statement runs at %q, want read committed", name, alone)
		}
		if _, err := pool.Exec(t.Context(), "set default_transaction_isolation = serializable"); err != nil {
			t.Fatal(err)
		}
		err = db.InTx(t.Context(), pool, func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), "show transaction_isolation").Scan(&together)
		})
		if err != nil {
			t.Fatal(err)
		}
		if together != "read committed" {
			t.Errorf("%s: a transaction runs at %q, want read committed", name, together)
		}
	}
}
