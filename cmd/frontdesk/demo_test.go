package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestADemoSignsInByLinkAndLeavesNothingAlsoOfAKilledOne(t *testing.T) {
	t.Parallel()
	temp := dataDir(t)
	killedDemo(t, temp)
	elsewhere := "postgres://nobody@127.0.0.1:1/none" // a demo that used one of these would fail
	cmd := command(t, []string{"TMPDIR=" + temp, "DATABASE_URL=" + elsewhere, "DATABASE_DIRECT_URL=" + elsewhere, "DATABASE_REPLICA_URL=" + elsewhere,
		"NATS_URL=nats://127.0.0.1:1", "BLOB_URL=s3://key:secret@127.0.0.1:1/none", "SMTP_URL=smtp://127.0.0.1:1", "MAIL_FROM=help@example.org", "PUBLIC_URL=http://desk.example.org"}, "demo")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	output := readUntil(t, out, "Ctrl-C")
	for role, want := range map[string]string{"staff": "/dashboard", "agent": "/dashboard", "customer": "/tickets"} {
		link := regexp.MustCompile(role + ` +(http://\S+)`).FindStringSubmatch(output)
		if link == nil {
			t.Fatalf("no link for %s in %q", role, output)
		}
		if got := visit(t, link[1]); got != want {
			t.Errorf("the link of %s leads to %s, want %s", role, got, want)
		}
		if got := visit(t, link[1]+"x"); !strings.HasPrefix(got, "/demo/") {
			t.Errorf("a changed link of %s leads to %s", role, got)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("the demo has left %v (%v)", left, err)
	}
}

// killedDemo starts a demo and kills it when it has a running database, tickets and a file. It leaves
// its data.
func killedDemo(t *testing.T, temp string) {
	t.Helper()
	cmd := command(t, []string{"TMPDIR=" + temp}, "demo")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if files, err := filepath.Glob(filepath.Join(temp, demoPrefix+"*", "uploads", "*", "*")); err != nil || len(files) > 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the demo has no file after a minute")
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // that it was killed
	if left, err := os.ReadDir(temp); err != nil || len(left) == 0 {
		t.Fatalf("the killed demo has left %v (%v), want its data", left, err)
	}
}

// readUntil reads until the text with the word has been read, and returns it.
func readUntil(t *testing.T, r io.Reader, word string) string {
	t.Helper()
	var output strings.Builder
	for b := make([]byte, 1<<10); !strings.Contains(output.String(), word); {
		n, err := r.Read(b)
		output.Write(b[:n])
		if err != nil {
			t.Fatalf("the program printed %q: %v", output.String(), err)
		}
	}
	return output.String()
}

// visit follows a link with cookies, and returns the path of the page that it leads to.
func visit(t *testing.T, link string) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Jar: jar, Timeout: time.Minute}
	resp, err := client.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.Request.URL.Path
}
