package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// replicaWait is how long a snapshot waits for a replica that is behind.
const replicaWait = 5 * time.Second

// ErrNotReplica is returned for a server that is not a standby of the primary.
var ErrNotReplica = errors.New("the server of DATABASE_REPLICA_URL is not a standby of the database")

// ErrReplicaBehind is returned for a replica that does not have, after 5 seconds, all changes that
// were committed before the snapshot.
var ErrReplicaBehind = errors.New("the replica is behind the primary")

// OpenReplicaSnapshot is [OpenSnapshot], but reads from a replica, which has everything that was
// committed before. It also uses a connection of the primary, to lock the files. The error is
// [ErrNotReplica], [ErrReplicaBehind] or another one, after which the primary can be read.
func OpenReplicaSnapshot(ctx context.Context, primary, replica *pgxpool.Pool) (*Snapshot, error) {
	lock, err := lockFiles(ctx, primary)
	if err != nil {
		return nil, err
	}
	conn, err := replica.Acquire(ctx)
	if err != nil {
		release(lock)
		return nil, fmt.Errorf("connect to the replica: %w", err)
	}
	err = awaitReplica(ctx, lock, conn)
	var s *Snapshot
	if err == nil {
		s, err = beginSnapshot(ctx, lock, conn)
	}
	if err != nil {
		conn.Release()
		release(lock)
		return nil, err
	}
	return s, nil
}

// awaitReplica waits until the replica has what the primary has committed by now.
func awaitReplica(ctx context.Context, primary, replica *pgxpool.Conn) error {
	of, err := describe(ctx, replica.Conn().PgConn())
	if err != nil {
		return err
	}
	by, err := describe(ctx, primary.Conn().PgConn())
	if err != nil {
		return err
	}
	var lsn string
	if err := primary.QueryRow(ctx, "select pg_current_wal_lsn()::text").Scan(&lsn); err != nil {
		return fmt.Errorf("read the position of the primary: %w", err)
	}
	for end := time.Now().Add(replicaWait); ; {
		var standby, has bool
		err := replica.QueryRow(ctx, "select pg_is_in_recovery(), coalesce(pg_last_wal_replay_lsn() >= $1::text::pg_lsn, false)", lsn).Scan(&standby, &has)
		switch {
		case err != nil:
			return fmt.Errorf("read the position of the replica: %w", err)
		case !standby || of.cluster != by.cluster:
			return ErrNotReplica
		case has:
			return nil
		case time.Now().After(end):
			return ErrReplicaBehind
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// Locked returns an error if the files may have been deleted since the snapshot began, because
// the connection that locks them was lost.
func (s *Snapshot) Locked(ctx context.Context) error {
	if s.lock == s.conn {
		return nil
	}
	if err := s.lock.Ping(ctx); err != nil {
		return fmt.Errorf("the connection to the primary, which keeps files from being deleted, was lost: %w", err)
	}
	return nil
}
