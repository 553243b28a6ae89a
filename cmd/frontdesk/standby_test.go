package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"frontdesk/db/dbtest"
)

// sendComments makes a person send comments with the form until their texts are acknowledged, each
// again with the same key after a failure. It returns the texts.
func sendComments(ctx context.Context, t *testing.T, p *person, path string, n int) (texts []string) {
	for i := range n {
		form := url.Values{"text": {fmt.Sprintf("Comment %d.", i)}, "submission_id": {fmt.Sprint("comment ", i)}}
		for ctx.Err() == nil {
			answer, err := p.submit(path+"/comments", form)
			if err == nil && answer < 400 {
				texts = append(texts, form.Get("text"))
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	if len(texts) != n {
		t.Errorf("%d of %d comments were acknowledged", len(texts), n)
	}
	return texts
}

func TestNothingAcknowledgedIsLostIfTheStandbyIsPromoted(t *testing.T) {
	t.Parallel()
	pair := dbtest.NewPair(t)
	settings := unlimited("DATABASE_URL="+pair.URL(), "UPLOAD_DIR="+dataDir(t), "JWT_SECRET=eight quiet lamps by seven green doors", "LOG_LEVEL=ERROR")
	first, second := replica(t, settings), replica(t, settings)
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	ana, priya := newPerson(t, first.url), newPerson(t, second.url)
	ana.register("Ana", "ana@example.org")
	priya.signIn(adminEmail)
	path, other := ana.ticket("Invoice", "It has our old address."), ana.ticket("Lamp", "It does not shine.")
	c := chat(ctx, t, []*person{ana, priya, ana, priya}, path, 120)
	var texts []string
	var commenting sync.WaitGroup
	commenting.Go(func() { texts = sendComments(ctx, t, ana, other, 60) })
	c.reach(ctx, 1)
	pair.First.Kill()
	killed, before := time.Now(), c.n.Load()
	pair.Promote()
	t.Logf("promoted after %v", time.Since(killed))
	for c.n.Load() == before && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	t.Logf("from the kill of the primary to the first acknowledged message: %v", time.Since(killed))
	c.reach(ctx, 2)
	pair.First.Start() // it comes back as a primary, and is the first host of the URL
	pair.First.Execute("alter system reset synchronous_standby_names", "select pg_reload_conf()")
	third := replica(t, settings)
	c.check(ctx, t, ana, path, 2)
	commenting.Wait()
	kept := newPerson(t, third.url)
	kept.signIn(adminEmail)
	page := kept.get(other).Find("main").Text()
	for _, text := range texts {
		if n := strings.Count(page, text); n != 1 {
			t.Errorf("%q is shown %d times, want once", text, n)
		}
	}
	for _, r := range []*running{first, second, third} {
		r.health(t)
		r.end(t, syscall.SIGTERM)
	}
}

// submit sends a form without following redirects, and returns the status.
func (p *person) submit(path string, form url.Values) (status int, err error) {
	r, err := http.NewRequest("POST", p.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", p.base)
	client := http.Client{Jar: p.client.Jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}
