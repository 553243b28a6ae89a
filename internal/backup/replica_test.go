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
	primary, replica := openNode(t, pair.First, "postgres"), openNode(t, pair.Second, "postgres")
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
		probes, err := primary.Exec(t.Context(), "delete from replica_messages") // what the replica had to have
		if err != nil {
			t.Fatal(err)
		}
		return sum.Rows - probes.RowsAffected(), refused
	}
	add("ana")
	awaitReplay(t, primary, replica)
	want, _ := write(backup.Options{})
	rows, refused := write(backup.Options{Replica: replica})
	if refused != nil {
		t.Errorf("from the replica: got the error %v, want none", refused)
	}
	if rows != want {
		t.Errorf("from the replica: got %d rows, want %d", rows, want)
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
	pair.First.Execute("create database another")
	awaitReplay(t, primary, replica)
	rows, refused = write(backup.Options{Replica: openNode(t, pair.Second, "another")})
	if rows != want {
		t.Errorf("from another database of the replica: got %d rows, want %d", rows, want)
	}
	if !errors.Is(refused, db.ErrNotReplica) {
		t.Errorf("from another database of the replica: got the error %v, want %v", refused, db.ErrNotReplica)
	}
	pair.Second.Execute("select pg_wal_replay_pause()")
	add("ben")
	want, _ = write(backup.Options{})
	rows, refused = write(backup.Options{Replica: replica})
	if rows != want {
		t.Errorf("from a replica that is behind: got %d rows, want %d", rows, want)
	}
	if !errors.Is(refused, db.ErrReplicaBehind) {
		t.Errorf("from a replica that is behind: got the error %v, want %v", refused, db.ErrReplicaBehind)
	}
	if _, refused := write(backup.Options{Replica: primary}); !errors.Is(refused, db.ErrNotReplica) {
		t.Errorf("from a server that is no replica: %v", refused)
	}
}

// A standby that still follows the former primary can have a longer log than the new one.
func TestABackupDoesNotReadAStandbyOfTheFormerPrimary(t *testing.T) {
	t.Parallel()
	pair := dbtest.NewPair(t)
	former := openNode(t, pair.First, "postgres")
	if err := db.Migrate(t.Context(), former); err != nil {
		t.Fatal(err)
	}
	awaitReplay(t, former, openNode(t, pair.Second, "postgres"))
	pair.First.Execute("alter system set synchronous_standby_names = ''", "select pg_reload_conf()")
	pair.Promote()
	pair.First.Execute("create table longer as select generate_series(1, 100000)")
	pair.First.BecomeStandby()
	var refused error
	_, err := backup.Write(t.Context(), openNode(t, pair.Second, "postgres"), io.Discard,
		backup.Options{Now: taken, Replica: openNode(t, pair.First, "postgres"), OnPrimary: func(err error) { refused = err }})
	if err != nil || !errors.Is(refused, db.ErrReplicaBehind) {
		t.Errorf("got %v, and %v about the replica; want a backup of the primary, and %v", err, refused, db.ErrReplicaBehind)
	}
}

// openNode connects to a database of a server.
func openNode(t *testing.T, n *dbtest.Node, database string) *pgxpool.Pool {
	t.Helper()
	pool, err := db.Open(t.Context(), n.URL(database), 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
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
