package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/db/dbtest"
)

// grownMost is the maximum growth of the memory of a server while it streams, in MiB.
const grownMost = 32

// The memory for the whole list of a large desk does not depend on its length, and other
// requests do not wait for it.
func TestAWholeListOfTwentyThousandTicketsStreamsInConstantMemory(t *testing.T) {
	pool := dbtest.New(t)
	r := serve(t, "DATABASE_URL="+pool.Config().ConnString(), "DATA_DIR="+dataDir(t), "ADMIN_EMAIL="+adminEmail, "ADMIN_PASSWORD="+password, "LOG_LEVEL=WARN")
	dbtest.Prepare(t, pool, "alter table tickets disable trigger user")
	dbtest.Prepare(t, pool, `insert into tickets (requester_id, subject, description, category_id, priority, submission_id, submission_hash)
		select 1, 'Ticket ' || i, rpad('', 2000, 'many words '), 1, 'Low', i::text, '' from generate_series(1, 20000) i`)
	dbtest.Prepare(t, pool, "alter table tickets enable trigger user")
	dbtest.Prepare(t, pool, "analyze tickets") // the test server has no autovacuum
	token := r.token(t)
	idle, most, done := r.resident(t), int64(0), atomic.Bool{}
	waits := make(chan []time.Duration, 1)
	go func() {
		var took []time.Duration
		for ; !done.Load(); time.Sleep(5 * time.Millisecond) {
			start := time.Now()
			if resp, err := r.getAs("/api/tickets?limit=20", token); err != nil || resp.StatusCode != 200 {
				t.Errorf("another request fails at the same time: %v", err)
			} else {
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
			took = append(took, time.Since(start))
			most = max(most, r.resident(t))
		}
		waits <- took
	}()
	resp, err := r.getAs("/api/tickets", token)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	d, n, last := json.NewDecoder(resp.Body), 0, int64(1<<62)
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		var ticket struct{ ID int64 }
		if err := d.Decode(&ticket); err != nil {
			t.Fatal(err)
		}
		if ticket.ID >= last {
			t.Fatalf("%d follows %d", ticket.ID, last)
		}
		n, last = n+1, ticket.ID
	}
	if _, err := d.Token(); err != nil || n != 20_000 {
		t.Errorf("%d tickets, then %v", n, err)
	}
	done.Store(true)
	took := <-waits
	slices.Sort(took)
	if grown := (most - idle) >> 20; grown > grownMost {
		t.Errorf("memory grew by %d MiB for 40 MiB of tickets", grown)
	}
	t.Logf("%d tickets; memory grew by %d MiB; %d other requests, the slowest in %v", n, (most-idle)>>20, len(took), took[len(took)-1])
}

// token signs in the admin and returns an API token.
func (r *running) token(t *testing.T) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"email": adminEmail, "password": password})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(r.url+"/api/auth/login", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got struct{ Token string }
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || got.Token == "" {
		t.Fatalf("no token: %d %v", resp.StatusCode, err)
	}
	return got.Token
}

// getAs sends a GET request with a personal token.
func (r *running) getAs(path, token string) (*http.Response, error) {
	req, err := http.NewRequest(http.MethodGet, r.url+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return http.DefaultClient.Do(req)
}

// resident returns the resident memory of the process in bytes.
func (r *running) resident(t *testing.T) int64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", r.cmd.Process.Pid))
	if err != nil {
		t.Error(err)
		return 0
	}
	pages, err := strconv.ParseInt(strings.Fields(string(raw))[1], 10, 64)
	if err != nil {
		t.Error(err)
	}
	return pages * int64(os.Getpagesize())
}
