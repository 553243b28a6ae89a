package handlers

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"frontdesk/handlers/api"
)

// stuck requests path and reads only the first byte of the answer.
func (p *apiClient) stuck(path string) {
	p.app.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.app.srv.URL, "http://"))
	if err != nil {
		p.app.t.Fatal(err)
	}
	p.app.t.Cleanup(func() { conn.Close() })
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		p.app.t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", path, p.token)
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		p.app.t.Fatal(err)
	}
}

func TestTheNumberOfConcurrentListsOfAUserIsLimited(t *testing.T) {
	a := newApp(t)
	ana, ben := a.customer("Ana"), a.customer("Ben").program()
	a.many(ana.id, 300, 20_000)
	program := ana.program()
	for range 4 {
		program.stuck("/api/tickets")
	}
	for _, path := range []string{"/tickets", "/tickets?limit=5"} {
		waitFor(t, path+" is refused", func() bool {
			status, header := program.listStatus(path)
			return status == http.StatusTooManyRequests && header.Get("Retry-After") == "5"
		})
	}
	program.send("GET", "/tickets?limit=1", nil).wants(200) // a short list needs no slot
	ben.send("GET", "/tickets", nil).wants(200)
}

// listStatus requests a list and returns its status and header, without reading the body.
func (p *apiClient) listStatus(path string) (int, http.Header) {
	p.app.t.Helper()
	req, err := http.NewRequestWithContext(p.app.t.Context(), http.MethodGet, p.app.srv.URL+"/api"+path, nil)
	if err != nil {
		p.app.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.app.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode, resp.Header
}

// rawList returns the entries of a list of the API, its size in bytes and its header. It does
// not check the list against the OpenAPI document, which is slow for a long list.
func (p *apiClient) rawList(path string) ([]json.RawMessage, int, http.Header) {
	p.app.t.Helper()
	req, err := http.NewRequestWithContext(p.app.t.Context(), http.MethodGet, p.app.srv.URL+"/api"+path, nil)
	if err != nil {
		p.app.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.app.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		p.app.t.Fatal(err)
	}
	var all []json.RawMessage
	if err := json.Unmarshal(body, &all); err != nil {
		p.app.t.Fatal(err)
	}
	return all, len(body), resp.Header
}

func TestAPageOfAListIsLimitedInBytes(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	a.many(ana.id, 60, 20_000)
	if whole, _, _ := ana.rawList("/tickets"); len(whole) != 60 {
		t.Errorf("got %d tickets at once, want 60", len(whole))
	}
	page, size, header := ana.rawList("/tickets?limit=1000")
	if size > api.PageBytes+64<<10 {
		t.Errorf("the page has %d bytes, want about %d at most", size, api.PageBytes)
	}
	address, _, linked := strings.Cut(strings.TrimPrefix(header.Get("Link"), "</api"), ">")
	if !linked {
		t.Fatalf("the page has no link to the next one: %q", header.Get("Link"))
	}
	if rest, _, _ := ana.rawList(address); len(page)+len(rest) != 60 {
		t.Errorf("got %d and %d tickets on two pages, want 60", len(page), len(rest))
	}
}

func TestLongCommentsAreAllListed(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	ana, id := c.program(), a.opensTicket(c, "Many")
	for range 20 {
		a.addsComment(c, id, strings.Repeat("x", 20_000))
	}
	if got, _, _ := ana.rawList("/tickets/1/comments"); len(got) != 20 {
		t.Errorf("got %d comments, want 20", len(got))
	}
}
