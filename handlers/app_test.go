package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/handlers/api"
	"frontdesk/handlers/pages"
	"frontdesk/handlers/realtime"
	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/blob"
	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
)

// app is the complete server with a real listener and a separate database.
type app struct {
	t       *testing.T
	srv     *httptest.Server
	handler *Server
	desk    *desk.Desk
	pool    *pgxpool.Pool
	options desk.Options // with which desk was made
	skew    atomic.Int64 // nanoseconds that are added to the clock of the desk

	counted bool                 // whether changes of the database are counted, see countChanges
	hashed  map[string]tableHash // the last hash of each table
}

// testKeys are the keys that sign and encrypt. The second one is an older key.
var testKeys = [][]byte{[]byte("a key of thirty-two bytes, or more"), []byte("the key of before, as long as that")}

// password is the password of all users.
const password = "a long enough password"

// newApp starts a desk on a database of its own. It makes the test parallel.
func newApp(t *testing.T, change ...func(*desk.Options)) *app {
	t.Helper()
	t.Parallel()
	return newAppOn(t, dbtest.New(t), change...)
}

// newAppOn is newApp with the given database.
func newAppOn(t *testing.T, pool *pgxpool.Pool, change ...func(*desk.Options)) *app {
	t.Helper()
	return newAppWith(t, pool, Config{}, change...)
}

// newAppWith is newAppOn with a bus, unless that of the configuration is nil.
func newAppWith(t *testing.T, pool *pgxpool.Pool, with Config, change ...func(*desk.Options)) *app {
	t.Helper()
	a := &app{t: t, pool: pool}
	blobs, err := blob.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	opts := desk.Options{Blobs: blobs, Cost: testCost, Now: func() time.Time { return time.Now().Add(time.Duration(a.skew.Load())) }}
	opts.Limits = limit.Defaults
	opts.Limits.Talk, opts.Limits.Actions = limit.Limit{}, limit.Limit{} // tests send more requests than users
	for _, f := range change {
		f(&opts)
	}
	a.desk, a.options = desk.New(a.pool, opts), opts
	if err := a.desk.Mail.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.firstReplyAssigns(false) // tests count the entries of logs
	log := slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if with.Bus == nil {
		with.Bus = db.NewBus(a.pool, log)
	}
	h, err := New(Config{Desk: a.desk, Log: log, DeskName: "Frontdesk", Ready: a.pool.Ping, Bus: with.Bus, BusLoses: with.BusLoses,
		TokenKeys: testKeys, CORSOrigins: []string{"https://app.example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { h.Run(ctx); close(done) }()
	a.srv, a.handler = serve(h), h
	t.Cleanup(func() { h.CloseSockets(); a.srv.Close(); cancel(); <-done })
	return a
}

// team adds a team with members and returns its id.
func (a *app) team(name string, private bool, members ...*client) (id int64) {
	a.t.Helper()
	err := a.pool.QueryRow(a.t.Context(), `insert into teams (name, name_key, private) values ($1, lower($1), $2) returning id`, name, private).Scan(&id)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, m := range members {
		a.exec("insert into team_members (team_id, user_id) values ($1, $2)", id, m.id)
	}
	return id
}

// firstReplyAssigns changes the setting of that name.
func (a *app) firstReplyAssigns(on bool) {
	a.t.Helper()
	if _, err := a.pool.Exec(a.t.Context(), `update settings set values = values || jsonb_build_object('firstReplyAssigns', $1::boolean)`, on); err != nil {
		a.t.Fatal(err)
	}
	if err := a.desk.Settings.Load(a.t.Context()); err != nil {
		a.t.Fatal(err)
	}
}

// withoutDesk returns a server whose routes can be read, but not called.
func withoutDesk() *server {
	env := &web.Env{}
	s := &server{Env: env, pages: pages.New(env, nil), realtime: &realtime.Realtime{}}
	s.api, _ = api.New(env, s.documented) // there are no keys
	return s
}

// serve serves h as the program does.
func serve(h *Server) *httptest.Server {
	srv := httptest.NewUnstartedServer(h)
	srv.Listener = h.Listener(srv.Listener)
	srv.Start()
	return srv
}

type testLog struct{ t *testing.T }

// Write prints a line of the log if TEST_LOG is set.
func (l testLog) Write(p []byte) (int, error) {
	if os.Getenv("TEST_LOG") != "" {
		os.Stderr.Write(p)
	}
	return len(p), nil
}

// later advances the clock of the desk.
func (a *app) later(d time.Duration) { a.skew.Add(int64(d)) }

// visitor returns a client without a session, which does not follow redirects.
func (a *app) visitor() *client {
	a.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		a.t.Fatal(err)
	}
	return &client{app: a, http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// customer signs in a new customer with the given name.
func (a *app) customer(name string) *client { return a.signedIn(name, account.RoleCustomer) }

// agent signs in a new agent.
func (a *app) agent(name string) *client { return a.signedIn(name, account.RoleAgent) }

// admin signs in a new admin.
func (a *app) admin(name string) *client { return a.signedIn(name, account.RoleAdmin) }

// testCost makes hashing fast. The default cost is tested in the package account.
var testCost = account.Cost{Memory: 64, Time: 1}

// testHash is the hash of the password.
var testHash = testCost.Hash(password)

// signedIn creates an account with the role, and returns a client with a session of it.
func (a *app) signedIn(name string, role account.Role) *client {
	a.t.Helper()
	c := a.visitor()
	c.name = name
	email := strings.ToLower(name) + "@example.org"
	err := a.pool.QueryRow(a.t.Context(), "insert into users (username, email, password_hash, role) values ($1, $2, $3, $4) returning id", name, email, testHash, role).Scan(&c.id)
	if err != nil {
		a.t.Fatal(err)
	}
	c.enter()
	return c
}

// restrictedAgent signs in a light agent who sees only the tickets of their teams, and writes only notes.
func (a *app) restrictedAgent(name string) *client {
	a.t.Helper()
	a.exec("insert into roles (name, name_key, note) values ('Restricted agent', 'restricted agent', true) on conflict do nothing")
	c := a.customer(name)
	a.exec("update users set role = 'agent', custom_role = 'Restricted agent' where id = $1", c.id)
	c.signIn()
	return c
}
