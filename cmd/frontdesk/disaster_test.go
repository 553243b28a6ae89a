package main

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// writer is a customer who writes comments to a ticket, one after another.
type writer struct {
	*person
	nr           int
	email, path  string
	mu           sync.Mutex
	acknowledged []string
}

// comment writes a comment, and keeps it if the desk says that it is stored.
func (w *writer) comment(n int) error {
	text := fmt.Sprintf("Line %d of writer %d;", n, w.nr)
	form := url.Values{"text": {text}, "submission_id": {rand.Text()}}
	r, err := http.NewRequest(http.MethodPost, w.base+w.path+"/comments", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", w.base)
	answer, err := w.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s is answered with %s", text, answer.Status)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.acknowledged = append(w.acknowledged, text)
	return nil
}

// journal returns the comments that are stored.
func (w *writer) journal() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.acknowledged)
}

// TestADestroyedDeskIsRestoredFromABackupThatWasMadeWhileTwentyPeopleWrote makes the backup of
// a running program, kills it, deletes its data folder, and restores elsewhere.
func TestADestroyedDeskIsRestoredFromABackupThatWasMadeWhileTwentyPeopleWrote(t *testing.T) {
	t.Parallel()
	const before, most = 3, 30 // comments of each writer
	settings := []string{"ADMIN_EMAIL=" + adminEmail, "ADMIN_PASSWORD=" + password, "LOG_LEVEL=ERROR",
		"LIMIT_SIGNIN=0", "LIMIT_REGISTER=0", "LIMIT_TICKETS=0", "LIMIT_TALK=0", "LIMIT_ACTIONS=0"}
	dir := migratedDir(t)
	env := append(settings, "DATA_DIR="+dir)
	served := serve(t, env...)
	writers := make([]*writer, 20)
	for i := range writers {
		w := &writer{person: newPerson(t, served.url), nr: i, email: fmt.Sprintf("writer%d@example.org", i)}
		w.register(fmt.Sprintf("Writer %d", i), w.email)
		w.path = w.ticket(fmt.Sprintf("Ticket of writer %d", i), "It went out.")
		writers[i] = w
	}
	archive := filepath.Join(t.TempDir(), "desk.tar.zst")
	stop := make(chan struct{})
	var ready, done sync.WaitGroup
	for _, w := range writers {
		ready.Add(1)
		done.Go(func() { write(t, w, before, most, &ready, stop) })
	}
	ready.Wait()
	journals := make([][]string, len(writers))
	for i, w := range writers {
		journals[i] = w.journal()
	}
	run(t, env, "backup", archive)
	close(stop)
	done.Wait()
	served.end(t, syscall.SIGKILL)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}

	restored := restoredDesk(t, settings, archive)
	stored, lost := 0, 0
	for i, w := range writers {
		w.person = newPerson(t, restored.url)
		w.signIn(w.email)
		page := w.get(w.path).Find("main").Text()
		for _, text := range journals[i] {
			stored++
			if !strings.Contains(page, text) {
				lost++
				t.Errorf("the restored desk is without %q", text)
			}
		}
	}
	t.Logf("%d comments were acknowledged before the backup, %d are lost", stored, lost)
	t.Run("a customer's journey", func(t *testing.T) {
		customersJourney(t, liveDesk{base: restored.url}, chromium.newTab(t, restored.url), true)
	})
	t.Run("an admin's journey", func(t *testing.T) {
		second := restoredDesk(t, settings, archive)
		b := chromium.newTab(t, second.url)
		b.withoutScript()
		adminsJourney(t, liveDesk{base: second.url}, b, false)
	})
}

// write writes comments until stop is closed, at most most. It reports that it is ready after
// the first ones.
func write(t *testing.T, w *writer, before, most int, ready *sync.WaitGroup, stop chan struct{}) {
	for n := range most {
		if n == before {
			ready.Done()
		}
		select {
		case <-stop:
			return
		default:
		}
		if err := w.comment(n); err != nil {
			t.Error(err)
		}
	}
}

// restoredDesk restores an archive into a new data folder, verifies it, and serves it.
func restoredDesk(t *testing.T, settings []string, archive string) *running {
	t.Helper()
	env := append(slices.Clone(settings), "DATA_DIR="+dataDir(t))
	run(t, env, "restore", archive)
	if output := run(t, env, "verify"); !strings.Contains(output, "Problems: 0") {
		t.Errorf("verify printed %q", output)
	}
	served := serve(t, env...)
	t.Cleanup(func() { served.end(t, syscall.SIGTERM) })
	return served
}
