package handlers

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

// answersAlone has the routes that answer without the database.
var answersAlone = map[string]bool{
	"GET /health": true, "GET /api/health": true, "GET /api/openapi.json": true, "GET /api/docs": true,
	"GET /unsubscribe/:token": true, "POST /unsubscribe/:token": true, // they refuse the wrong token
	"POST /api/auth/register": true, "POST /api/auth/login": true, // they refuse the empty body
}

// silentApp returns an app with its own database server, which a test can stop.
func silentApp(t *testing.T) (*app, *dbtest.Own) {
	t.Helper()
	own := dbtest.NewOwn(t, nil)
	pool, err := db.Open(t.Context(), own.Migrate(), 10)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { own.Continue(); pool.Close() })
	return newAppOn(t, pool, unlimited), own
}

// hung is the time that a test waits for an answer while the database is stopped. Without a
// deadline in the desk, the answer would come only after the database continues.
const hung = time.Minute

// answered sends r and returns the answer, which must come while the database is stopped.
func answered(t *testing.T, r *http.Request) *http.Response {
	t.Helper()
	c := http.Client{Timeout: hung, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	began := time.Now()
	resp, err := c.Do(r)
	t.Logf("%s %s answered after %s", r.Method, r.URL.Path, time.Since(began).Round(time.Millisecond))
	if err != nil {
		t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		return nil
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	return resp
}

// eventually fails the test if ok stays false.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(hung); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Errorf("%s: not within %s", what, hung)
}

func TestEveryRouteAnswers503WhileTheDatabaseIsStopped(t *testing.T) {
	t.Parallel()
	a, own := silentApp(t)
	boss := a.admin("Boss")
	token := boss.program().token
	own.Stop()
	var all sync.WaitGroup
	try := func(name string, change func(*http.Request)) {
		method, path, _ := strings.Cut(name, " ")
		all.Go(func() {
			r, err := http.NewRequest(method, a.srv.URL+strings.NewReplacer(":id", "1", ":name", strings.Repeat("a", 26)).Replace(path), nil)
			if err != nil {
				t.Error(err)
				return
			}
			change(r)
			if resp := answered(t, r); resp != nil {
				checkUnavailable(t, name, resp)
			}
		})
	}
	for name := range matrix {
		try(name, func(r *http.Request) {
			r.Header.Set("Origin", a.srv.URL)
			for _, c := range boss.http.Jar.Cookies(r.URL) {
				r.AddCookie(c)
			}
		})
	}
	for name := range apiMatrix {
		try(name, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) })
	}
	all.Wait()
	own.Continue()
	eventually(t, "the desk is ready again", func() bool { return a.visitor().get("/ready").StatusCode == http.StatusOK })
	eventually(t, "a page is shown again", func() bool { return boss.get("/tickets").StatusCode == http.StatusOK })
}

// checkUnavailable fails the test unless the answer is 503 with Retry-After, or the route
// answers without the database.
func checkUnavailable(t *testing.T, name string, resp *http.Response) {
	t.Helper()
	if answersAlone[name] {
		if resp.StatusCode >= 500 {
			t.Errorf("%s: got %d while the database is stopped, want an answer without it", name, resp.StatusCode)
		}
		return
	}
	if resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%s: got %d while the database is stopped, want 503", name, resp.StatusCode)
	}
	if resp.Header.Get("Retry-After") == "" {
		t.Errorf("%s: the answer has no Retry-After", name)
	}
}

// A page that was only opened has no typed text.
func TestOnlyThe503OfAFormMentionsTypedText(t *testing.T) {
	t.Parallel()
	a, own := silentApp(t)
	ana := a.customer("Ana")
	own.Stop()
	const kept = "What you typed is still there when you go back."
	ana.get("/tickets").wants(t, 503, "Try again").lacks(t, kept, "send it again")
	ana.post("/tickets", url.Values{"subject": {"A lamp"}}).wants(t, 503, kept)
}

// A request that started before the database stopped fails too, and so does its cleanup.
func TestACurrentRequestAnswers503WhenTheDatabaseStops(t *testing.T) {
	t.Parallel()
	a, own := silentApp(t)
	ann := a.customer("Ann")
	token := ann.program().token
	body, err := json.Marshal(invoice)
	if err != nil {
		t.Fatal(err)
	}
	type way struct {
		path, content, text string
		change              func(*http.Request)
	}
	asPage := func(r *http.Request) {
		r.Header.Set("Origin", a.srv.URL)
		for _, c := range ann.http.Jar.Cookies(r.URL) {
			r.AddCookie(c)
		}
	}
	var begun, all sync.WaitGroup
	stopped := make(chan struct{})
	for i, w := range []way{
		{"/api/tickets", "application/json", string(body), func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }},
		{"/api/tickets", "application/json", string(body), func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("Idempotency-Key", "once")
		}},
		{"/tickets", "application/x-www-form-urlencoded", edit.Encode(), asPage},
	} {
		text, rest := io.Pipe()
		begun.Add(1)
		all.Go(func() {
			r, err := http.NewRequest(http.MethodPost, a.srv.URL+w.path, text)
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Content-Type", w.content)
			w.change(r)
			if resp := answered(t, r); resp != nil {
				checkUnavailable(t, fmt.Sprintf("way %d to POST %s", i, w.path), resp)
			}
		})
		all.Go(func() {
			half := len(w.text) / 2
			_, _ = io.WriteString(rest, w.text[:half])
			begun.Done()
			<-stopped
			_, _ = io.WriteString(rest, w.text[half:])
			rest.Close()
		})
	}
	begun.Wait()
	own.Stop()
	close(stopped)
	all.Wait()
}
