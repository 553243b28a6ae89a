package main

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// password is the password of all accounts.
const password = "a quiet lamp by the door"

// person is a client like a browser without script: it stores cookies, sends forms and follows
// redirects.
type person struct {
	t      *testing.T
	base   string
	client *http.Client
}

// newPerson returns a client without a session for the desk at base.
func newPerson(t *testing.T, base string) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &person{t: t, base: base, client: &http.Client{Jar: jar}}
}

// register creates the account of a customer and is signed in with it.
func (p *person) register(name, email string) {
	p.t.Helper()
	p.post("/register", url.Values{"username": {name}, "email": {email}, "password": {password}})
}

// registerByAPI is register for a desk that sends mail, whose page of registration mails a link.
func (p *person) registerByAPI(name, email string) {
	p.t.Helper()
	body, err := json.Marshal(map[string]string{"username": name, "email": email, "password": password})
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := p.client.Post(p.base+"/api/auth/register", "application/json", bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		p.t.Fatalf("registering %s: got %d", email, resp.StatusCode)
	}
	p.signIn(email)
}

// signIn signs in with the password of the tests.
func (p *person) signIn(email string) {
	p.t.Helper()
	p.post("/login", url.Values{"email": {email}, "password": {password}})
}

// get loads a page.
func (p *person) get(path string) *goquery.Document {
	p.t.Helper()
	r, err := http.NewRequest("GET", p.base+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	page, _ := p.send(r)
	return page
}

// post sends a form and follows the redirect. It returns the page and its path.
func (p *person) post(path string, form url.Values) (*goquery.Document, string) {
	p.t.Helper()
	r, err := http.NewRequest("POST", p.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.send(r)
}

// ticket opens a ticket with the default values of the form and returns its path, "/tickets/7".
func (p *person) ticket(subject, description string) string {
	p.t.Helper()
	form := p.get("/tickets/new").Find(`form[action^="/tickets"]`)
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range map[string]string{
		"submission_id": form.Find(`[name=submission_id]`).AttrOr("value", ""),
		"subject":       subject, "description": description, "priority": "High",
		"category": form.Find(`[name=category] option`).Last().AttrOr("value", ""),
	} {
		if err := w.WriteField(name, value); err != nil {
			p.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		p.t.Fatal(err)
	}
	r, err := http.NewRequest("POST", p.base+"/tickets", &body)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	page, path := p.send(r)
	if !strings.Contains(page.Find("h1").Text(), subject) {
		p.t.Fatalf("after opening %q the path is %s: %s", subject, path, page.Find("main").Text())
	}
	return path
}

// send sends a request and follows redirects. It returns the page and its path, and fails
// the test for a status of 400 or higher.
func (p *person) send(r *http.Request) (*goquery.Document, string) {
	p.t.Helper()
	r.Header.Set("Origin", p.base)
	answer, err := p.client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := goquery.NewDocumentFromReader(io.LimitReader(answer.Body, 4<<20))
	if err != nil {
		p.t.Fatal(err)
	}
	if answer.StatusCode >= 400 {
		p.t.Fatalf("%s %s: %d\n%.800s", r.Method, r.URL.Path, answer.StatusCode, page.Find("main").Text())
	}
	return page, answer.Request.URL.Path
}
