package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"frontdesk/cmd/faults/internal/people"
)

// intruder is a customer who tries to read and write the tickets of others during the whole run.
type intruder struct {
	base, token string
	refused     atomic.Int64 // requests
	harm        atomic.Int64 // requests that were not refused
}

// attempts are the requests of the intruder, for the id of a ticket.
var attempts = []struct{ method, path, body string }{
	{http.MethodGet, "/api/tickets/%d", ""},
	{http.MethodGet, "/api/tickets/%d/comments", ""},
	{http.MethodGet, "/api/tickets/%d/messages", ""},
	{http.MethodPost, "/api/tickets/%d/comments", `{"text":"I am not of this ticket"}`},
	{http.MethodGet, "/api/tickets/%d/chat", ""},
}

// enter signs the intruder in.
func (i *intruder) enter(ctx context.Context, base string, a people.Account) error {
	i.base = base
	body, err := json.Marshal(map[string]string{"email": a.Email, "password": a.Password})
	if err != nil {
		return err
	}
	resp, err := i.send(ctx, http.MethodPost, "/api/auth/login", string(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var out struct{ Token string }
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || out.Token == "" {
		return fmt.Errorf("the intruder cannot sign in: %s", resp.Status)
	}
	i.token = out.Token
	return nil
}

// send sends a request, which may be one for a websocket.
func (i *intruder) send(ctx context.Context, method, path, body string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, i.base+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+i.token)
	r.Header.Set("Content-Type", "application/json")
	if strings.HasSuffix(path, "/chat") {
		r.Header.Set("Connection", "Upgrade")
		r.Header.Set("Upgrade", "websocket")
		r.Header.Set("Sec-WebSocket-Version", "13")
		r.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==") // of RFC 6455
	}
	client := http.Client{Timeout: 5 * time.Second}
	return client.Do(r)
}

// run tries one request after another until ctx ends.
func (i *intruder) run(ctx context.Context, tickets []int64) {
	for n := 0; sleep(ctx, 100*time.Millisecond) == nil; n++ {
		a := attempts[n%len(attempts)]
		resp, err := i.send(ctx, a.method, fmt.Sprintf(a.path, tickets[rand.IntN(len(tickets))]), a.body)
		if err != nil {
			continue
		}
		resp.Body.Close()
		i.judge(resp.StatusCode)
	}
}

// judge counts an answer. Statuses 403 and 404 refuse: the desk answers the same for a ticket that does not
// exist. Statuses 401 and 429 prove nothing, because they do not depend on the ticket.
func (i *intruder) judge(status int) {
	switch {
	case status == http.StatusForbidden, status == http.StatusNotFound:
		i.refused.Add(1)
	case status < 500 && status != http.StatusUnauthorized && status != http.StatusTooManyRequests:
		i.harm.Add(1)
	}
}

// successes returns the number of requests that were not refused. It returns -1 if there was neither
// a refusal nor a success, because then nothing is proved.
func (i *intruder) successes() int {
	if i.harm.Load() == 0 && i.refused.Load() == 0 {
		return -1
	}
	return int(i.harm.Load())
}
