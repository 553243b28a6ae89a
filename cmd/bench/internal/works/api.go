package works

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"frontdesk/cmd/bench/internal/limit"
	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/report"
	"frontdesk/cmd/bench/internal/testbed"
	"frontdesk/db/dbseed"
	"frontdesk/internal/process"
)

// endpoint is one request of the REST API to load in turns with its limit.
type endpoint struct {
	name    string
	first   float64       // rate per second of the system that this one replaces
	slowest report.Millis // its p99; 0 if none is recorded
	want    int           // status of each answer
	limit   func() (report.Row, error)
	bare    *process.Program // the server of the limit, or nil
	request func(conn, n int) []byte
}

// api loads the requests that programs send most, in turns with their limits. The
// goals are the recorded rates of the system that this one replaces.
func (b *bench) api(ctx context.Context) error {
	customer, err := load.Token(b.app.Addr, dbseed.Email(dbseed.UserWithFifty), testbed.Password)
	if err != nil {
		return err
	}
	staff, err := load.Token(b.app.Addr, dbseed.Email(dbseed.Admin), testbed.Password)
	if err != nil {
		return err
	}
	for _, prepare := range []func() (endpoint, error){
		func() (endpoint, error) {
			return b.apiRead(ctx, endpoint{name: "api, list of 50", first: firstList, slowest: millis(63)}, "/api/tickets", customer)
		},
		func() (endpoint, error) {
			return b.apiRead(ctx, endpoint{name: "api, one ticket", first: firstTicket, slowest: millis(29)}, "/api/tickets/1", customer)
		},
		func() (endpoint, error) { return b.apiComment(ctx, "api, post a comment", staff, false), nil },
		func() (endpoint, error) {
			return b.apiComment(ctx, "api, post a comment, with a key", staff, true), nil
		},
		func() (endpoint, error) { return b.apiSignIn(ctx), nil },
	} {
		e, err := prepare()
		if err != nil {
			return err
		}
		if err := b.loadEndpoint(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func millis(n int) report.Millis { return report.Millis(time.Duration(n) * time.Millisecond) }

func (b *bench) loadEndpoint(ctx context.Context, e endpoint) error {
	if e.bare != nil {
		defer e.bare.Stop()
	}
	rows, err := b.inTurns(e.limit, func() (report.Row, error) {
		return b.once(ctx, e.name, b.app, load.HTTP{Want: e.want, Request: e.request})
	})
	if err != nil {
		return fmt.Errorf("%s: %w", e.name, err)
	}
	goal := fmt.Sprintf("≥ %.0f/s, the first system's", e.first)
	if e.slowest > 0 {
		goal += fmt.Sprintf("; p99 ≤ %.0f ms", e.slowest.Number())
	}
	r := rows[1].Against(rows[0].Rate)
	b.add(rows[0], r.Wants(goal, r.Rate >= e.first && (e.slowest == 0 || r.P99 <= e.slowest)))
	return nil
}

// apiRead completes an endpoint that reads a path, and starts the server of its limit.
func (b *bench) apiRead(ctx context.Context, e endpoint, path, token string) (endpoint, error) {
	var err error
	e.bare, err = limit.StartPage(ctx, &b.bed, b.app, path, "Authorization", "Bearer "+token)
	e.want = http.StatusOK
	e.request = func(int, int) []byte { return load.Call("GET", path, token, "", "") }
	e.limit = func() (report.Row, error) {
		return b.once(ctx, e.name+", limit: its queries and bytes, bare", e.bare, load.HTTP{Want: e.want, Request: e.request})
	}
	return e, err
}

func (b *bench) apiComment(ctx context.Context, name, token string, keyed bool) endpoint {
	return endpoint{name: name, first: firstComment, slowest: millis(61), want: http.StatusCreated,
		limit: func() (report.Row, error) { return b.commentRows(ctx, name+", limit: its rows alone") },
		request: func(conn, n int) []byte {
			key := ""
			if keyed {
				key = fmt.Sprintf("bench-%d-%d", conn, time.Now().UnixNano())
			}
			return load.Call("POST", fmt.Sprintf("/api/tickets/%d/comments", b.someTicket(conn, n)), token, key, `{"text":"`+commentText+`"}`)
		}}
}

func (b *bench) apiSignIn(ctx context.Context) endpoint {
	return endpoint{name: "api, sign in", first: firstSignIn, want: http.StatusOK,
		limit: func() (report.Row, error) {
			s, err := limit.HashPasswords(ctx, b.Seconds)
			return s.Row("api, sign in, limit: argon2id alone"), err
		},
		request: func(int, int) []byte { return signInCall(dbseed.Email(dbseed.UserWithFifty), testbed.Password) }}
}

func signInCall(email, password string) []byte {
	body, _ := json.Marshal(map[string]string{"email": email, "password": password}) // a map of strings cannot fail
	return load.Call("POST", "/api/auth/login", "", "", string(body))
}
