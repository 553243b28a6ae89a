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

// ErrNotReplica is returned for a server that is no standby, or another database of one.
var ErrNotReplica = errors.New("the database of DATABASE_REPLICA_URL is not that of DATABASE_URL on a standby")

// ErrReplicaBehind is returned for a replica that does not have, after 5 seconds, all changes that
// were committed before the snapshot. It may be a standby of another primary.
var ErrReplicaBehind = errors.New("the replica does not have what the primary has committed")

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

// awaitReplica waits until the replica has what the primary has committed by now: a row that is written
// for this. Positions in the log do not prove it, because a standby of a former primary can be ahead
// on a timeline of its own.
func awaitReplica(ctx context.Context, primary, replica *pgxpool.Conn) error {
	same, err := sameDatabase(ctx, primary, replica)
	switch {
	case err != nil:
		return err
	case !same:
		return ErrNotReplica
	}
	probe, err := New(primary).AddProbe(ctx)
	if err != nil {
		return fmt.Errorf("write a row that the replica must have: %w", err)
	}
	for end := time.Now().Add(replicaWait); ; {
		has, err := New(replica).HasProbe(ctx, HasProbeParams(probe))
		switch {
		case err != nil:
			return fmt.Errorf("read what the replica has: %w", err)
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

// sameDatabase reports whether the replica is a standby with the same database as the primary.
func sameDatabase(ctx context.Context, primary, replica *pgxpool.Conn) (bool, error) {
	of, err := New(replica).DatabaseIdentity(ctx)
	if err != nil {
		return false, fmt.Errorf("read which database the replica has: %w", err)
	}
	by, err := New(primary).DatabaseIdentity(ctx)
	if err != nil {
		return false, fmt.Errorf("read which database the primary has: %w", err)
	}
	return of.Standby && of.ID == by.ID, nil
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
