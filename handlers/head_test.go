package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

func TestHeadHasTheHeadersOfGet(t *testing.T) {
	a := newApp(t, unlimited)
	c, owner := a.admin("Boss"), a.customer("Ana")
	boss := c.program()
	id, name := a.ticketWithFile(owner)
	for _, relation := range []struct{ id, name string }{{fmt.Sprint(id), name}, {"999", strings.Repeat("a", 26)}} {
		for _, r := range a.handler.Handler.(*echo.Echo).Routes() {
			path := strings.NewReplacer(":id", relation.id, ":name", relation.name, "*", "app.css").Replace(r.Path)
			if r.Method != http.MethodGet {
				continue
			}
			for who, ask := range map[string]func(method string) *http.Response{
				"a session": func(method string) *http.Response {
					return c.send(method, path, nil, "Accept-Encoding", "identity").Response
				},
				"nobody": func(method string) *http.Response {
					return a.visitor().send(method, path, nil, "Accept-Encoding", "gzip").Response
				},
				"a token": func(method string) *http.Response {
					req, _ := http.NewRequestWithContext(t.Context(), method, a.srv.URL+path, nil)
					req.Header.Set("Authorization", "Bearer "+boss.token)
					req.Header.Set("Accept-Encoding", "identity") // else the client decompresses the body and removes the length
					resp, err := http.DefaultTransport.RoundTrip(req)
					if err != nil {
						t.Fatal(err)
					}
					resp.Body.Close()
					return resp
				},
			} {
				sameHeaders(t, path+" by "+who, ask("GET"), ask("HEAD"))
			}
		}
	}
}

// sameHeaders compares all headers except those that differ between requests. The length
// differs on pages with relative times; HEAD may omit a length of 0.
func sameHeaders(t *testing.T, what string, get, head *http.Response) {
	t.Helper()
	if get.StatusCode != head.StatusCode {
		t.Errorf("%s: GET got %d, HEAD %d", what, get.StatusCode, head.StatusCode)
	}
	for _, name := range []string{"Date", "X-Request-Id", "Set-Cookie"} {
		get.Header.Del(name)
		head.Header.Del(name)
	}
	for name := range get.Header {
		got, want := fmt.Sprint(head.Header[name]), fmt.Sprint(get.Header[name])
		if name == "Content-Length" && (want == "[0]" || got != "[]") {
			continue
		}
		if got != want {
			t.Errorf("%s: %s is %s for HEAD, %s for GET", what, name, got, want)
		}
	}
	for name := range head.Header {
		if get.Header[name] == nil {
			t.Errorf("%s: only HEAD has %s", what, name)
		}
	}
}
