package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"frontdesk/db/dbseed"
)

// api loads what the first system's programs do most, beside that system's
// recorded rates.
func (b *bench) api(ctx context.Context) error {
	mine, err := b.app.token(dbseed.Fifty)
	if err != nil {
		return err
	}
	staff, err := b.app.token(dbseed.Admin)
	if err != nil {
		return err
	}
	stamp, text := time.Now().UnixNano(), strings.ReplaceAll(commentText, "+", " ")
	for _, w := range []struct {
		name    string
		first   float64 // the first system's rate
		want    int
		request func(conn, n int) []byte
	}{
		{"API list of 50", 640, http.StatusOK, func(int, int) []byte { return call("GET", "/api/tickets", mine, "", "") }},
		{"API one ticket", 1200, http.StatusOK, func(int, int) []byte { return call("GET", "/api/tickets/1", mine, "", "") }},
		{"API post a comment", 525, http.StatusCreated, func(conn, n int) []byte {
			path := fmt.Sprintf("/api/tickets/%d/comments", 1000+(conn*997+n)%(b.Tickets-1000))
			return call("POST", path, staff, "", `{"text":"`+text+`"}`)
		}},
		{"API post a comment, with a key", 525, http.StatusCreated, func(conn, n int) []byte {
			path := fmt.Sprintf("/api/tickets/%d/comments", 1000+(conn*997+n)%(b.Tickets-1000))
			return call("POST", path, staff, fmt.Sprintf("bench-%d-%d-%d", stamp, conn, time.Now().UnixNano()), `{"text":"`+text+`"}`)
		}},
		{"API sign in", 34, http.StatusOK, func(int, int) []byte {
			return call("POST", "/api/auth/login", "", "", fmt.Sprintf(`{"email":%q,"password":%q}`, dbseed.Email(dbseed.Fifty), password))
		}},
	} {
		r, err := b.loaded(ctx, b.app, load{want: w.want, request: w.request})
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		ok := r.Rate >= w.first
		r.Work, r.Goal, r.Met = w.name, fmt.Sprintf("≥ %.0f/s, the first system's", w.first), &ok
		b.rows = append(b.rows, r)
	}
	return nil
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

// token signs an account of the seed in.
func (p *program) token(id int) (string, error) {
	body, err := json.Marshal(map[string]string{"email": dbseed.Email(id), "password": password})
	if err != nil {
		return "", err
	}
	resp, err := http.Post("http://"+p.addr+"/api/auth/login", "application/json", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var got struct{ Token string }
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		return "", err
	}
	if got.Token == "" {
		return "", fmt.Errorf("sign in: %s", resp.Status)
	}
	return got.Token, nil
}
