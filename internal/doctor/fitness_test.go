package doctor

import (
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"frontdesk/db/dbtest"
)

func TestADifferentClockIsFound(t *testing.T) {
	t.Parallel()
	e := newDesk(t, dbtest.NewURL(t))
	e.Now = func() time.Time { return time.Now().Add(90 * time.Minute) }
	e.finds(t, "clock", Problem, "differ by 1h") // about 30 minutes more
}

func TestARoleWithoutRightsIsFound(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	e := newDesk(t, own.Migrate())
	e.exec(t, "create role weak login")
	e.exec(t, "revoke create on schema public from public")
	u, err := url.Parse(e.URL)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("user", "weak")
	u.RawQuery = q.Encode()
	e.URL = u.String()
	e.finds(t, "rights", Problem, "GRANT")
}

func TestTooFewConnectionsAreFound(t *testing.T) {
	t.Parallel()
	e := newDesk(t, dbtest.NewURL(t))
	e.Conns = 10_000
	e.finds(t, "connections", Problem, "max_connections")
}

func TestAnOldServerIsFound(t *testing.T) {
	t.Parallel()
	e := newDesk(t, dbtest.NewURL(t))
	e.URL = oldServer(t)
	e.finds(t, "version", Problem, "PostgreSQL 13.22")
}

// oldServer returns the URL of a server that accepts connections as PostgreSQL 13.22.
func oldServer(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				server := pgproto3.NewBackend(conn, conn)
				if _, err := server.ReceiveStartupMessage(); err != nil {
					return
				}
				server.Send(&pgproto3.AuthenticationOk{})
				server.Send(&pgproto3.ParameterStatus{Name: "server_version", Value: "13.22"})
				server.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
				_ = server.Flush()
				_, _ = server.Receive() // the end of the connection
			}()
		}
	}()
	return "postgres://frontdesk@" + l.Addr().String() + "/frontdesk?sslmode=disable"
}

func TestAnUnreachableDatabaseIsFound(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	e := newDesk(t, own.Migrate())
	e.URL = "postgres://frontdesk@127.0.0.1:1/frontdesk"
	e.Pool.Close()
	e.finds(t, "database", Problem, "cannot be reached")
	e.finds(t, "outbox", Problem, "the check failed")
}

func TestAnUnfitDatabaseIsFound(t *testing.T) {
	t.Parallel()
	e := newDesk(t, dbtest.NewURL(t))
	e.exec(t, "insert into goose_db_version (version_id, is_applied) values (99999, true)")
	e.finds(t, "newer", Problem, "newer version")
}
