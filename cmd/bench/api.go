package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"frontdesk/db/dbseed"
)

// apiWork is one of those that programs do most.
type apiWork struct {
	name    string
	first   float64 // the first system's rate
	slowest millis  // its p99; 0 where none is recorded
	want    int
	limit   func() (row, error)
	fence   *program // what the limit runs on, or nil
	request func(conn, n int) []byte
}

// api loads what the first system's programs do most, in turns with its limits,
// beside that system's recorded rates.
func (b *bench) api(ctx context.Context) error {
	mine, err := token(b.app.addr, dbseed.Email(dbseed.Fifty), password)
	if err != nil {
		return err
	}
	staff, err := token(b.app.addr, dbseed.Email(dbseed.Admin), password)
	if err != nil {
		return err
	}
	for _, w := range []func() (apiWork, error){
		func() (apiWork, error) { return b.apiRead(ctx, "API list of 50", "/api/tickets", mine, firstList, 63) },
		func() (apiWork, error) {
			return b.apiRead(ctx, "API one ticket", "/api/tickets/1", mine, firstTicket, 29)
		},
		func() (apiWork, error) { return b.apiComment(ctx, "API post a comment", staff, false), nil },
		func() (apiWork, error) { return b.apiComment(ctx, "API post a comment, with a key", staff, true), nil },
		func() (apiWork, error) { return b.apiSignIn(ctx), nil },
	} {
		if err := b.apiWork(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) apiWork(ctx context.Context, prepare func() (apiWork, error)) error {
	w, err := prepare()
	if err != nil {
		return err
	}
	if w.fence != nil {
		defer w.fence.stop()
	}
	rows, err := b.inTurns(w.limit, func() (row, error) {
		return b.once(ctx, w.name, b.app, load{want: w.want, request: w.request})
	})
	if err != nil {
		return fmt.Errorf("%s: %w", w.name, err)
	}
	goal := fmt.Sprintf("≥ %.0f/s, the first system's", w.first)
	if w.slowest > 0 {
		goal += fmt.Sprintf("; p99 ≤ %.0f ms", w.slowest.number())
	}
	r := rows[1].against(rows[0].Rate)
	b.add(rows[0], r.wants(goal, r.Rate >= w.first && (w.slowest == 0 || r.P99 <= w.slowest)))
	return nil
}

func (b *bench) apiRead(ctx context.Context, name, path, token string, first float64, slowest time.Duration) (apiWork, error) {
	fence, err := b.startLimit(ctx, path, "Authorization", "Bearer "+token)
	l := load{want: http.StatusOK, request: func(int, int) []byte { return call("GET", path, token, "", "") }}
	return apiWork{name: name, first: first, slowest: millis(slowest * time.Millisecond), want: l.want, request: l.request, fence: fence,
		limit: func() (row, error) { return b.once(ctx, name+", limit: its queries and bytes, bare", fence, l) }}, err
}

func (b *bench) apiComment(ctx context.Context, name, token string, keyed bool) apiWork {
	return apiWork{name: name, first: firstComment, slowest: millis(61 * time.Millisecond), want: http.StatusCreated,
		limit: func() (row, error) { return b.commentRows(ctx, name+", limit: its rows alone") },
		request: func(conn, n int) []byte {
			key := ""
			if keyed {
				key = fmt.Sprintf("bench-%d-%d", conn, time.Now().UnixNano())
			}
			return call("POST", fmt.Sprintf("/api/tickets/%d/comments", b.someTicket(conn, n)), token, key, `{"text":"`+commentText+`"}`)
		}}
}

func (b *bench) apiSignIn(ctx context.Context) apiWork {
	return apiWork{name: "API sign in", first: firstSignIn, want: http.StatusOK,
		limit:   func() (row, error) { return b.hashAlone(ctx, "API sign in, limit: argon2id alone") },
		request: func(int, int) []byte { return signInCall(dbseed.Email(dbseed.Fifty), password) }}
}

func signInCall(email, password string) []byte {
	body, _ := json.Marshal(map[string]string{"email": email, "password": password}) // strings always marshal
	return call("POST", "/api/auth/login", "", "", string(body))
}

// call builds a request as a program sends it.
func call(method, path, token, key, body string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: bench\r\n", method, path)
	if token != "" {
		fmt.Fprintf(&b, "Authorization: Bearer %s\r\n", token)
	}
	if key != "" {
		fmt.Fprintf(&b, "Idempotency-Key: %s\r\n", key)
	}
	if body != "" {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n" + body)
	return b.Bytes()
}

// token signs an account in.
func token(addr, email, password string) (string, error) {
	return tokenFrom(addr, "/api/auth/login", map[string]string{"email": email, "password": password})
}

// tokenFrom posts what a token is given for.
func tokenFrom(addr, path string, in map[string]string) (string, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return "", err
	}
	resp, err := http.Post("http://"+addr+path, "application/json", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var got struct{ Token string }
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || got.Token == "" {
		return "", fmt.Errorf("%s of %s: %s", path, in["email"], resp.Status)
	}
	return got.Token, nil
}
