package works

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/testbed"
)

// guest is a customer that is registered for the measurement.
type guest struct {
	addr, email, token string
	ids                []json.Number
}

// guestTickets is how many tickets the guest opens.
const guestTickets = 50

// newGuest registers a customer at a server and opens its tickets.
func newGuest(ctx context.Context, addr string) (*guest, error) {
	g := &guest{addr: addr, email: fmt.Sprintf("bench-%d@bench.example", time.Now().UnixNano())}
	var err error
	if g.token, err = load.TokenFrom(addr, "/api/auth/register", map[string]string{"username": "Bench", "email": g.email, "password": testbed.Password}); err != nil {
		return nil, err
	}
	for n := range guestTickets {
		if err := g.open(ctx, n); err != nil {
			return nil, fmt.Errorf("ticket %d of %d: %w", n+1, guestTickets, err)
		}
	}
	return g, nil
}

// ticket returns the API's path of one of the guest's tickets.
func (g *guest) ticket(n int) string { return "/api/tickets/" + g.ids[n%len(g.ids)].String() }

// open opens a ticket that is about as long as a seeded one.
func (g *guest) open(ctx context.Context, n int) error {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for name, value := range map[string]string{"subject": fmt.Sprintf("Measured, number %d of many", n), "description": commentText + commentText + commentText,
		"category": "Billing", "priority": "High"} {
		_ = w.WriteField(name, value) // a buffer cannot fail
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
	if err := (load.HTTP{}).Check(resp.StatusCode); err != nil {
		return fmt.Errorf("%w: %.200s", err, raw)
	}
	var made struct{ ID json.Number }
	if err := json.Unmarshal(raw, &made); err != nil {
		return err
	}
	g.ids = append(g.ids, made.ID)
	return nil
}
