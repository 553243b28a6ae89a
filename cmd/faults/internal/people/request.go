package people

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// errAgain is the error of a write with an unknown result, or that was refused for now. It is
// sent again with the same key.
var errAgain = errors.New("not acknowledged")

// request sends a POST once and reads the answer into out, unless that is nil. It returns an
// errAgain for answers after which the request can be sent again.
func (p *Person) request(ctx context.Context, path, key, contentType string, body []byte, out any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.address()+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Idempotency-Key", key)
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	resp, err := p.http.Do(r)
	if err != nil {
		return p.unanswered(ctx, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return p.unanswered(ctx, err)
	}
	if err := p.check(resp.StatusCode, text); err != nil || out == nil {
		return err
	}
	return json.Unmarshal(text, out)
}

// unanswered returns errAgain for a request without an answer, and moves on to the next address.
func (p *Person) unanswered(ctx context.Context, err error) error {
	p.moveOn()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", errAgain, err)
}

// check returns an error for an answer other than a success.
func (p *Person) check(status int, body []byte) error {
	switch {
	case status < 300:
		return nil
	case status == http.StatusInternalServerError:
		p.crowd.failedInternally()
		fallthrough
	case status > 500, status == http.StatusTooManyRequests, status == http.StatusConflict:
		return fmt.Errorf("%w: answered %d", errAgain, status)
	}
	return fmt.Errorf("answered %d: %.200s", status, body)
}

// failedInternally counts an internal error of the desk.
func (c *Crowd) failedInternally() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.internal++
}
