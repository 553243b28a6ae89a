package livetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// errRetry is the error of a message with an unknown result. It must be sent again.
var errRetry = errors.New("not answered")

// errTooFast is the error of a message over the rate limit. The sender must pause first.
var errTooFast = fmt.Errorf("%w: too fast", errRetry)

// Send sends a message over the socket until it is acknowledged, and returns its seq.
func (t *Client) Send(ctx context.Context, key, text string) (int64, error) {
	return t.retry(ctx, func() (int64, error) { return t.send(ctx, key, text) })
}

// Post sends a message with the form of the page until it is acknowledged, and returns its seq.
func (t *Client) Post(ctx context.Context, key, text string) (int64, error) {
	return t.retry(ctx, func() (int64, error) { return t.post(ctx, key, text) })
}

// retry calls send until it does not return errRetry or ctx ends. It returns the seq of
// the sent message.
func (t *Client) retry(ctx context.Context, send func() (int64, error)) (int64, error) {
	for {
		seq, err := send()
		if !errors.Is(err, errRetry) {
			return seq, err
		}
		pause := 20 * time.Millisecond
		if errors.Is(err, errTooFast) {
			pause = 200 * time.Millisecond
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("%w: %w", err, ctx.Err())
		case <-time.After(pause):
		}
	}
}

// send sends once. The socket has one sender at a time.
func (t *Client) send(ctx context.Context, key, text string) (int64, error) {
	t.mu.Lock()
	conn := t.conn
	t.mu.Unlock()
	if conn == nil {
		return 0, fmt.Errorf("%w: not connected", errRetry)
	}
	if err := conn.WriteJSON(map[string]string{"type": "message", "message": text, "clientMsgId": key}); err != nil {
		return 0, fmt.Errorf("%w: %w", errRetry, err)
	}
	late := time.NewTimer(2 * time.Second)
	defer late.Stop()
	for {
		select {
		case a := <-t.answer:
			if a.ClientMsgID != key && a.Error != "too_fast" {
				continue // for a message sent before the connection was lost
			}
			return a.err()
		case <-late.C:
			return 0, fmt.Errorf("%w in time", errRetry)
		case <-time.After(20 * time.Millisecond):
			t.mu.Lock()
			cut := t.conn != conn
			t.mu.Unlock()
			if cut {
				return 0, fmt.Errorf("%w: cut", errRetry)
			}
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// err returns the seq of an accepted message, or the error of a refused one.
func (a answer) err() (int64, error) {
	switch {
	case a.Type == "ack":
		return a.Seq, nil
	case a.Error == "too_fast":
		return 0, errTooFast
	case a.Error == "unavailable":
		return 0, fmt.Errorf("%w: %s", errRetry, a.Error)
	}
	return 0, fmt.Errorf("%s: %s", a.Error, a.Message)
}

// post sends a chat message as a form and returns its seq.
func (t *Client) post(ctx context.Context, key, text string) (int64, error) {
	form := url.Values{"text": {text}, "submission_id": {key}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.Base+t.Path+"/messages", strings.NewReader(form))
	if err != nil {
		return 0, err
	}
	r.Header = t.header()
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	status, body, err := t.fetch(r)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%w: %w", errRetry, err)
	case status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests:
		return 0, fmt.Errorf("%w: %d", errRetry, status)
	case status != http.StatusCreated:
		return 0, fmt.Errorf("answered %d: %.200s", status, body)
	}
	var stored struct{ Seq int64 }
	return stored.Seq, json.Unmarshal([]byte(body), &stored)
}

// poll requests the entries after the seq of the page, as pages without a socket do.
func (t *Client) poll(ctx context.Context) error {
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s%s/events?after=%d", t.Base, t.Path, t.Seq()), nil)
		if err != nil {
			return err
		}
		r.Header = t.header()
		r.Header.Set("HX-Request", "true")
		r.Header.Set("HX-Request-Type", "partial")
		status, body, err := t.fetch(r)
		if err != nil {
			return err
		}
		if status != http.StatusOK {
			return fmt.Errorf("answered %d: %.200s", status, body)
		}
		t.apply(body)
		if at := updatesPattern.FindStringSubmatch(body); at == nil || at[3] == "" {
			return nil
		}
	}
}

// fetch sends a request and returns the status and the body of the answer.
func (t *Client) fetch(r *http.Request) (int, string, error) {
	resp, err := t.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), err
}
