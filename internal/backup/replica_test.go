package backup_test

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/internal/account"
	"frontdesk/internal/backup"
)

func TestABackupReadsAReplicaOnlyIfItHasEverything(t *testing.T) {
	t.Parallel()
	pair := dbtest.NewPair(t)
	open := func(n *dbtest.Node) *pgxpool.Pool {
		t.Helper()
		pool, err := db.Open(t.Context(), n.URL("postgres"), 2)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		return pool
	}
	primary, replica := open(pair.First), open(pair.Second)
	if err := db.Migrate(t.Context(), primary); err != nil {
		t.Fatal(err)
	}
	add := func(name string) {
		t.Helper()
		_, err := db.New(primary).CreateUser(t.Context(), db.CreateUserParams{Username: name, Email: name + "@example.org", PasswordHash: "-", Role: account.RoleCustomer})
		if err != nil {
			t.Fatal(err)
		}
	}
	write := func(o backup.Options) (rows int64, refused error) {
		t.Helper()
		o.Now, o.OnPrimary = taken, func(err error) { refused = err }
		sum, err := backup.Write(t.Context(), primary, io.Discard, o)
		if err != nil {
			t.Fatal(err)
		}
		return sum.Rows, refused
	}
	add("ana")
	awaitReplay(t, primary, replica)
	want, _ := write(backup.Options{})
	if rows, refused := write(backup.Options{Replica: replica}); rows != want || refused != nil {
		t.Errorf("from the replica: %d rows, want %d (%v)", rows, want, refused)
	}
	s, err := db.OpenReplicaSnapshot(t.Context(), primary, replica)
	if err != nil {
		t.Fatal(err)
	}
	var standby bool
	if err := s.Queries().Transaction().QueryRow(t.Context(), "select pg_is_in_recovery()").Scan(&standby); err != nil || !standby {
		t.Errorf("the snapshot does not read the replica (%v)", err)
	}
	s.Close()
	pair.Second.Execute("select pg_wal_replay_pause()")
	add("ben")
	want, _ = write(backup.Options{})
	if rows, refused := write(backup.Options{Replica: replica}); rows != want || !errors.Is(refused, db.ErrReplicaBehind) {
		t.Errorf("from a replica that is behind: %d rows, want %d (%v)", rows, want, refused)
	}
	if _, refused := write(backup.Options{Replica: primary}); !errors.Is(refused, db.ErrNotReplica) {
		t.Errorf("from a server that is no replica: %v", refused)
	}
}

// awaitReplay waits until a replica has replayed what the primary has written so far. Replaying all
// migrations takes longer than a backup waits.
func awaitReplay(t *testing.T, primary, replica *pgxpool.Pool) {
	t.Helper()
	var written string
	if err := primary.QueryRow(t.Context(), "select pg_current_wal_lsn()::text").Scan(&written); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		var replayed bool
		if err := replica.QueryRow(t.Context(), "select pg_last_wal_replay_lsn() >= $1::pg_lsn", written).Scan(&replayed); err != nil {
			t.Fatal(err)
		}
		if replayed {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the replica has not replayed %s", written)
		}
	}
}
