package db_test

import (
	"testing"
	"time"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

func TestOnlyTheCountOfARateIsNotFlushedToDisk(t *testing.T) {
	pool := dbtest.New(t)
	// The server of the tests never waits for the disk.
	if _, err := pool.Exec(t.Context(), "do $$ begin execute 'alter database ' || current_database() || ' set synchronous_commit = on'; end $$"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "no connection from before is being made", func() bool { return pool.Stat().ConstructingConns() == 0 })
	pool.Reset()
	arg := db.TakeRateParams{Key: "k", Now: time.Now(), Every: 60, Burst: 120}
	for i, refused := range []bool{false, false, true} {
		wait, err := db.TakeRateLazily(t.Context(), pool, arg)
		if err != nil || (wait > 0) != refused {
			t.Fatalf("use %d has to wait %v, %v", i+1, wait, err)
		}
	}
	for _, conn := range pool.AcquireAllIdle(t.Context()) {
		var setting string
		if err := conn.QueryRow(t.Context(), "show synchronous_commit").Scan(&setting); err != nil || setting != "on" {
			t.Errorf("a connection still has %q, %v", setting, err)
		}
		conn.Release()
	}
}
