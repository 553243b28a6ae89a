package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

// apiClient is an API client.
type apiClient struct {
	app   *app
	token string
	id    int64
}

// reply is an answer of the API.
type reply struct {
	t *testing.T
	*http.Response
	body []byte
}

// program returns an API client that is signed in with the account of the client.
func (c *client) program() *apiClient {
	c.app.t.Helper()
	p := &apiClient{app: c.app, id: c.id}
	got := p.send("POST", "/auth/login", obj{"email": c.email(), "password": password}).wants(200)
	p.token = got.get("token").(string)
	return p
}

type obj = map[string]any

// send sends a value as JSON, a ready body (with its type in the headers), or nothing.
func (p *apiClient) send(method, path string, body any, headers ...string) reply {
	p.app.t.Helper()
	var r io.Reader
	var sent []byte // as JSON
	kind := ""
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	case io.Reader:
		r = b
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			p.app.t.Fatal(err)
		}
		r, kind, sent = bytes.NewReader(raw), "application/json", raw
	}
	if !strings.HasPrefix(path, "/uploads/") || method == http.MethodPost {
		path = "/api" + path
	}
	req, err := http.NewRequestWithContext(p.app.t.Context(), method, p.app.srv.URL+path, r)
	if err != nil {
		p.app.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		p.app.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		p.app.t.Fatal(err)
	}
	p.app.contract().holds(p.app.t, resp, sent, raw)
	return reply{p.app.t, resp, raw}
}

// upload sends fields and files as multipart/form-data. The keys of files are file names.
func (p *apiClient) upload(method, path string, fields map[string]string, files map[string]string, headers ...string) reply {
	p.app.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, value := range fields {
		_ = w.WriteField(name, value)
	}
	for field, text := range files {
		part, _ := w.CreateFormFile(field, "note.txt")
		_, _ = io.WriteString(part, text)
	}
	w.Close()
	return p.send(method, path, &b, append([]string{"Content-Type", w.FormDataContentType()}, headers...)...)
}

// wants fails the test if the answer has another status.
func (r reply) wants(status int) reply {
	r.t.Helper()
	if r.StatusCode != status {
		r.t.Fatalf("%s %s: %d %s, want %d", r.Request.Method, r.Request.URL.Path, r.StatusCode, r.body, status)
	}
	return r
}

// value returns the body as JSON.
func (r reply) value() (v any) {
	r.t.Helper()
	if err := json.Unmarshal(r.body, &v); err != nil {
		r.t.Fatalf("%s %s: %v in %q", r.Request.Method, r.Request.URL.Path, err, r.body)
	}
	return v
}

// get returns the value at a path such as "user.username" or "0.id", or nil.
func (r reply) get(path string) any {
	v := r.value()
	for name := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

// wantsValues fails the test for each path at which the answer has another value. nil means none.
// Integers are compared as numbers of JSON.
func (r reply) wantsValues(values obj) reply {
	r.t.Helper()
	for path, want := range values {
		switch n := want.(type) {
		case int:
			want = float64(n)
		case int64:
			want = float64(n)
		}
		if got := r.get(path); got != want {
			r.t.Errorf("%s %s: %s is %v, want %v, in %s", r.Request.Method, r.Request.URL.Path, path, got, want, r.body)
		}
	}
	return r
}

// number returns the number at a path of the answer, or 0 if there is none.
func (r reply) number(path string) int64 { n, _ := r.get(path).(float64); return int64(n) }

var invoice = obj{"subject": "Invoice 2207", "description": "It has our old address.", "category": "Billing", "priority": "High"}

func TestTheAPIKeepsTheContractOfTheFirstSystem(t *testing.T) {
	a := newApp(t)
	p := &apiClient{app: a}

	// GET /health (no auth)
	if got := p.send("GET", "/health", nil).wants(200); string(bytes.TrimSpace(got.body)) != `{"ok":true}` {
		t.Errorf("the answer of /health is %s", got.body)
	}

	// POST /api/auth/register
	ana := obj{"username": "Ana Kovač", "email": "ana@example.org", "password": "correct horse battery"}
	p.token = p.send("POST", "/auth/register", ana).wants(201).get("token").(string)
	p.send("POST", "/auth/register", ana).wants(409)
	got := p.send("POST", "/auth/register", obj{"username": "", "email": "x", "password": "short"}).wants(400)
	if value := got.get("fields.username"); value == nil {
		t.Error("invalid registration: fields.username is nil")
	}
	if value := got.get("fields.password"); value == nil {
		t.Error("invalid registration: fields.password is nil")
	}
	if value := got.get("error"); value == "" {
		t.Error("invalid registration: error is empty")
	}

	// POST /api/auth/login
	p.send("POST", "/auth/login", obj{"email": "ana@example.org", "password": "correct horse battery"}).wants(200)
	p.send("POST", "/auth/login", obj{"email": "ana@example.org", "password": "wrong"}).wants(401)

	// POST /api/tickets as multipart/form-data with an attachment
	made := p.upload("POST", "/tickets", map[string]string{"subject": "Invoice 2207", "description": "Old address.", "category": "Billing", "priority": "High"},
		map[string]string{"attachment": "the invoice"}).wants(201)
	id := made.number("id")
	for path, want := range map[string]any{"subject": "Invoice 2207", "category": "Billing", "priority": "High", "status": "OPEN", "user.username": "Ana Kovač", "user.email": "ana@example.org", "version": 1.0} {
		if got := made.get(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	first, _ := made.get("attachment").(string)
	if !strings.HasPrefix(first, "/uploads/") {
		t.Errorf(`first is %q, want the prefix "/uploads/"`, first)
	}
	made.wantsValues(obj{"userId": made.number("user.id")})
	if got := made.get("createdAt"); got == nil {
		t.Error("createdAt is nil")
	}

	// GET /uploads/<filename>
	if got := p.send("GET", first, nil).wants(200); string(got.body) != "the invoice" {
		t.Errorf("the file holds %q", got.body)
	}

	// GET /api/tickets: customers only their own, admins all; newest first
	second := p.send("POST", "/tickets", invoice).wants(201).number("id")
	p.send("GET", "/tickets", nil).wants(200).wantsValues(obj{"0.id": second, "1.id": id, "2": nil})
	boris, admin := a.customer("Boris").program(), a.admin("Priya").program()
	if got := boris.send("GET", "/tickets", nil).wants(200); string(bytes.TrimSpace(got.body)) != "[]" {
		t.Errorf("another user gets %s", got.body)
	}
	if got := admin.send("GET", "/tickets", nil).wants(200); got.get("1.user.email") != "ana@example.org" {
		t.Errorf("an admin gets %s", got.body)
	}

	// GET /api/tickets/:id
	one := fmt.Sprintf("/tickets/%d", id)
	p.send("GET", one, nil).wants(200)
	admin.send("GET", one, nil).wants(200)
	boris.send("GET", one, nil).wants(403)

	// PUT /api/tickets/:id
	p.upload("PUT", one, map[string]string{"priority": "Urgent"}, nil).wants(200).wantsValues(obj{"priority": "Urgent", "subject": "Invoice 2207", "attachment": first})
	replaced := p.upload("PUT", one, nil, map[string]string{"attachment": "another"}).wants(200).get("attachment").(string)
	if replaced == first {
		t.Error("the file is not replaced")
	}
	p.send("GET", first, nil).wants(404)
	if got := p.upload("PUT", one, map[string]string{"removeAttachment": "true"}, nil).wants(200); got.get("attachment") != nil {
		t.Errorf("the file is still there: %s", got.body)
	}
	boris.upload("PUT", one, map[string]string{"priority": "Low"}, nil).wants(403)

	// PATCH /api/tickets/:id/status (admin only)
	p.send("PATCH", one+"/status", obj{"status": "CLOSED"}).wants(403)
	if got := admin.send("PATCH", one+"/status", obj{"status": "RESOLVED"}).wants(200); got.get("status") != "RESOLVED" {
		t.Errorf("the status is %s", got.body)
	}
	admin.send("PATCH", one+"/status", obj{"status": "GONE"}).wants(400)

	// Comments: chronological, by the current user
	admin.send("POST", one+"/comments", obj{"text": "One"}).wants(201)
	p.send("POST", one+"/comments", obj{"text": "Two"}).wants(201).wantsValues(obj{"text": "Two", "ticketId": id, "user.username": "Ana Kovač"})
	p.send("GET", one+"/comments", nil).wants(200).wantsValues(obj{"0.text": "One", "1.text": "Two", "0.user.email": nil, "1.user.email": "ana@example.org"})
	boris.send("GET", one+"/comments", nil).wants(403)
	boris.send("POST", one+"/comments", obj{"text": "Not mine"}).wants(403)

	// Chat history
	p.send("POST", one+"/messages", obj{"message": "Hello there", "clientMsgId": "k"}).wants(201)
	p.send("POST", one+"/messages", obj{"message": "Hello there", "clientMsgId": "k"}).wants(201)
	admin.send("GET", one+"/messages", nil).wants(200).wantsValues(obj{"0.message": "Hello there", "0.sender.role": "CUSTOMER", "0.senderId": made.get("userId"), "1": nil})
	boris.send("GET", one+"/messages", nil).wants(403)

	// POST /api/tickets/:id/attachment
	if got := p.upload("POST", one+"/attachment", nil, map[string]string{"file": "third"}).wants(200); got.get("attachment") == nil {
		t.Errorf("the ticket has no file: %s", got.body)
	}
	p.send("POST", one+"/attachment", nil).wants(400)

	// DELETE /api/tickets/:id
	boris.send("DELETE", one, nil).wants(403)
	if got := p.send("DELETE", one, nil).wants(204); len(got.body) != 0 {
		t.Errorf("a deletion answers %q", got.body)
	}
	p.send("GET", one, nil).wants(403)
	admin.send("GET", one, nil).wants(404)
	p.send("DELETE", one, nil).wants(403)
}
