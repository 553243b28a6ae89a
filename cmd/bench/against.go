package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"time"
)

// others runs the works of the REST API on another server. What they cost its
// process shows where the kernel tells it; its database is its own, so there are
// no limits.
func (b *bench) others(ctx context.Context) error {
	addr, err := loopback(b.Against)
	if err != nil {
		return err
	}
	g, err := newGuest(ctx, addr)
	if err != nil {
		return err
	}
	pid := listenerOf(addr)
	for _, w := range []struct {
		name    string
		request func(conn, n int) []byte
	}{
		{"API list of 50", func(int, int) []byte { return call("GET", "/api/tickets", g.token, "", "") }},
		{"API one ticket", func(int, int) []byte { return call("GET", g.ticket(0), g.token, "", "") }},
		{"API post a comment", func(conn, _ int) []byte {
			return call("POST", g.ticket(conn)+"/comments", g.token, "", `{"text":"`+commentText+`"}`)
		}},
		{"API sign in", func(int, int) []byte { return signInCall(g.email, password) }},
	} {
		rows, err := b.inTurns(func() (row, error) {
			return costOf(w.name, pid, 0, func() (sample, error) {
				return load{addr: addr, conns: b.Conns, seconds: b.Seconds, request: w.request}.run(ctx)
			})
		})
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		b.add(rows...)
	}
	return b.othersWhole(ctx, addr, pid)
}

// othersWhole fetches everything there is, where somebody was named who may.
func (b *bench) othersWhole(ctx context.Context, addr string, pid int) error {
	if b.Email == "" {
		b.add(row{Work: "P8 all tickets to an admin", Value: "not measured: --email and --password name no admin"})
		return nil
	}
	staff, err := token(addr, b.Email, b.Password)
	if err != nil {
		return err
	}
	rows, err := b.inTurns(func() (row, error) {
		return wholeRows("P8 all tickets to an admin", pid, 0, func() (row, error) { return b.wholeLists(ctx, addr, "/api/tickets", staff) })
	})
	b.add(rows...)
	return err
}

// guest is a customer made for the measurement.
type guest struct {
	addr, email, token string
	ids                []json.Number
}

// guestTickets are what its list shows.
const guestTickets = 50

func newGuest(ctx context.Context, addr string) (*guest, error) {
	g := &guest{addr: addr, email: fmt.Sprintf("bench-%d@bench.example", time.Now().UnixNano())}
	var err error
	if g.token, err = tokenFrom(addr, "/api/auth/register", map[string]string{"username": "Bench", "email": g.email, "password": password}); err != nil {
		return nil, err
	}
	for n := range guestTickets {
		if err := g.open(ctx, n); err != nil {
			return nil, fmt.Errorf("ticket %d of %d: %w", n+1, guestTickets, err)
		}
	}
	return g, nil
}

// ticket is the path of one of the guest's tickets.
func (g *guest) ticket(n int) string { return "/api/tickets/" + g.ids[n%len(g.ids)].String() }

// open opens a ticket about as long as those of our own desk.
func (g *guest) open(ctx context.Context, n int) error {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for name, value := range map[string]string{"subject": fmt.Sprintf("Measured, number %d of many", n), "description": commentText + commentText + commentText,
		"category": "Billing", "priority": "High"} {
		_ = w.WriteField(name, value) // into memory
	}
	_ = w.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+g.addr+"/api/tickets", &form)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+g.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if err := (load{}).check(resp.StatusCode); err != nil {
		return fmt.Errorf("%w: %.200s", err, raw)
	}
	var made struct{ ID json.Number }
	if err := json.Unmarshal(raw, &made); err != nil {
		return err
	}
	g.ids = append(g.ids, made.ID)
	return nil
}
