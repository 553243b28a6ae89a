// Package client sends single requests to a desk, as a program with a token or as a page with a
// session. It repeats nothing.
package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Client is a user of a desk. Its zero fields are not sent.
type Client struct {
	Base   string // such as http://127.0.0.1:4000
	Token  string // of the API
	Cookie string // of a session, as name=value
	http   http.Client
}

// Answer is the answer to a request.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// New returns a client of a desk who is not signed in. It does not follow redirects.
func New(base string) *Client {
	return &Client{Base: base, http: http.Client{Timeout: 60 * time.Second,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// SignIn returns a client with a token and a session.
func SignIn(ctx context.Context, base, email, password string) (*Client, error) {
	c := New(base)
	a, err := c.JSON(ctx, http.MethodPost, "/api/auth/login", map[string]string{"email": email, "password": password})
	if err != nil {
		return nil, err
	}
	var out struct{ Token string }
	if a.Status != http.StatusOK || json.Unmarshal(a.Body, &out) != nil {
		return nil, fmt.Errorf("sign in as %s: %d: %.200s", email, a.Status, a.Body)
	}
	if a, err = c.Form(ctx, "/login", url.Values{"email": {email}, "password": {password}}); err != nil {
		return nil, err
	}
	c.Token = out.Token
	if c.Cookie = SessionOf(a); c.Cookie == "" {
		return nil, fmt.Errorf("sign in as %s: %d without a session", email, a.Status)
	}
	return c, nil
}

// SessionOf returns the session cookie that an answer sets, as name=value, or "".
func SessionOf(a Answer) string {
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		if strings.Contains(c.Name, "frontdesk_session") && c.Value != "" {
			return c.Name + "=" + c.Value
		}
	}
	return ""
}

// Do sends a request with the client's credentials, with further headers as pairs of name and
// value. A value replaces what the client would send, and "" removes it.
func (c *Client) Do(ctx context.Context, method, path string, body io.Reader, headers ...string) (Answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.Base+path, body)
	if err != nil {
		return Answer{}, err
	}
	if !strings.HasPrefix(path, "/api/") {
		r.Header.Set("Origin", c.Base)
		if c.Cookie != "" {
			r.Header.Set("Cookie", c.Cookie)
		}
	} else if c.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.Token)
	}
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	return Answer{resp.StatusCode, resp.Header, text}, err
}

// JSON sends a value as JSON to the API.
func (c *Client) JSON(ctx context.Context, method, path string, value any, headers ...string) (Answer, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return Answer{}, err
	}
	return c.Do(ctx, method, path, bytes.NewReader(body), append([]string{"Content-Type", "application/json"}, headers...)...)
}

// Form sends a form of a page.
func (c *Client) Form(ctx context.Context, path string, form url.Values, headers ...string) (Answer, error) {
	return c.Do(ctx, http.MethodPost, path, strings.NewReader(form.Encode()), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

// File sends a file in a field of a form.
func (c *Client) File(ctx context.Context, path, field, name string, content []byte, headers ...string) (Answer, error) {
	contentType, body, err := Multipart(field, name, content)
	if err != nil {
		return Answer{}, err
	}
	return c.Do(ctx, http.MethodPost, path, bytes.NewReader(body), append([]string{"Content-Type", contentType}, headers...)...)
}

// Multipart returns the body of a form with one file, and its content type.
func Multipart(field, name string, content []byte) (contentType string, body []byte, err error) {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile(field, name)
	if err != nil {
		return "", nil, err
	}
	if _, err := part.Write(content); err != nil {
		return "", nil, err
	}
	if err := form.Close(); err != nil {
		return "", nil, err
	}
	return form.FormDataContentType(), b.Bytes(), nil
}

// OpenTicket opens a ticket and returns its id.
func (c *Client) OpenTicket(ctx context.Context, subject string) (int64, error) {
	a, err := c.JSON(ctx, http.MethodPost, "/api/tickets",
		map[string]string{"subject": subject, "description": "About faults.", "priority": "Medium", "category": "Billing"}, "Idempotency-Key", rand.Text())
	if err != nil {
		return 0, err
	}
	var out struct{ ID int64 }
	if a.Status != http.StatusCreated || json.Unmarshal(a.Body, &out) != nil {
		return 0, fmt.Errorf("open a ticket: %d: %.200s", a.Status, a.Body)
	}
	return out.ID, nil
}
