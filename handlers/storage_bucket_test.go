package handlers

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/blob"
	"frontdesk/internal/blob/blobtest"
	"frontdesk/internal/desk"
)

// newBucketApp starts a desk whose attachments are in a bucket.
func newBucketApp(t *testing.T) (*app, *blobtest.Server, *logged) {
	t.Helper()
	s := blobtest.New(t)
	a, log := newLoggedApp(t, unlimited, func(o *desk.Options) { o.Blobs = blob.NewStore(s.Open()) })
	return a, s, log
}

func TestAFileInABucketSupportsRangesAndHead(t *testing.T) {
	a, _, _ := newBucketApp(t)
	c := a.customer("Ana")
	content := strings.Repeat("0123456789", 100_000)
	at := "/uploads/" + c.staged("a.txt", content).uploaded(t).Name
	whole := c.get(at).wants(t, 200)
	if whole.body != content {
		t.Errorf("read %d bytes, want %d", len(whole.body), len(content))
	}
	tag := whole.Header.Get("ETag")
	for what, want := range map[string]struct {
		headers []string
		status  int
		body    string
	}{
		"a part":                {[]string{"Range", "bytes=500002-500004"}, 206, "234"},
		"the end":               {[]string{"Range", "bytes=-2"}, 206, "89"},
		"a part behind the end": {[]string{"Range", "bytes=2000000-"}, 416, ""},
		"a part if unchanged":   {[]string{"Range", "bytes=10-11", "If-Range", tag}, 206, "01"},
		"all if changed":        {[]string{"Range", "bytes=10-11", "If-Range", `"other"`}, 200, content},
		"nothing if known":      {[]string{"If-None-Match", tag}, 304, ""},
	} {
		got := c.get(at, want.headers...).wants(t, want.status)
		if want.status != 416 && got.body != want.body {
			t.Errorf("%s: got %d bytes, want %d", what, len(got.body), len(want.body))
		}
	}
	if got := c.head(at).wants(t, 200); got.Header.Get("Content-Length") != strconv.Itoa(len(content)) {
		t.Errorf("the size is %q, want %d", got.Header.Get("Content-Length"), len(content))
	}
}

// bucketFaults are failures of a bucket, by name.
var bucketFaults = map[string]func(http.ResponseWriter, *http.Request) bool{
	"no right":         blobtest.Refuse(403, "AccessDenied"),
	"no bucket":        blobtest.Refuse(404, "NoSuchBucket"),
	"a cut connection": func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) },
}

func TestAFormIsKeptIfABucketCannotStoreItsFile(t *testing.T) {
	a, s, log := newBucketApp(t)
	c := a.customer("Ana")
	p := c.program()
	at := c.opened(aForm("first"))
	name := c.staged("kept.txt", "kept").uploaded(t).Name
	for what, fails := range bucketFaults {
		s.Fails(fails)
		form := aForm("k " + what)
		form.Set("subject", "Subject for "+what)
		attached := []file{{"attachment", "a.txt", "one"}}
		log.since()
		got := c.upload("/tickets", form, attached).wants(t, 503, "it is not your mistake")
		got.wantsValues(t, map[string]string{"[name=subject]": form.Get("subject")})
		if value := got.Header.Get("Retry-After"); value == "" {
			t.Errorf("%s: Retry-After is empty", what)
		}
		text := log.since()
		if !strings.Contains(text, "storage failed") {
			t.Errorf(`%s: the log is %q, want it with "storage failed"`, what, text)
		}
		if !strings.Contains(text, "s3://127.0.0.1") {
			t.Errorf(`%s: the log is %q, want it with "s3://127.0.0.1"`, what, text)
		}
		if strings.Contains(text, "secret") {
			t.Errorf(`%s: the log is %q, want it without "secret"`, what, text)
		}
		comment := form
		comment.Set("text", "Text for "+what)
		if got := c.upload(at+"/comments", comment, attached).wants(t, 503); got.value(".composer [name=text]") != comment.Get("text") {
			t.Errorf("%s: the comment is %q, want what was typed", what, got.value(".composer [name=text]"))
		}
		p.upload("POST", "/tickets", map[string]string{"subject": "S", "description": "D"}, map[string]string{"attachment": "one"}).wants(503)
		if got := c.get("/uploads/"+name).wants(t, 503, "Files are not available"); got.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s: the failure is sent as a file", what)
		}
		s.Fails(nil)
		c.upload("/tickets", form, attached).wants(t, 303)
		if got := c.get("/uploads/"+name).wants(t, 200); got.body != "kept" {
			t.Errorf("%s: read %q afterwards", what, got.body)
		}
	}
	if n := a.count("select count(*) from attachments"); n != len(bucketFaults)+1 {
		t.Errorf("%d files, want one for each form that was sent again", n)
	}
}

func TestADeskServesWithoutItsBucket(t *testing.T) {
	a, s, _ := newBucketApp(t)
	c := a.customer("Ana")
	form := aForm("first")
	at := c.opened(form, file{"attachment", "a.txt", "one"})
	link, _ := c.get(at).doc.Find("a[href^='/uploads/']").Attr("href")
	s.Stop()
	c.get(at).wants(t, 200, "a.txt")
	c.get(link).wants(t, 503, "Files are not available")
	form.Set("submission_id", "second")
	c.post("/tickets", form).wants(t, 303)
	form.Set("submission_id", "third")
	c.upload("/tickets", form, []file{{"attachment", "a.txt", "one"}}).wants(t, 503, form.Get("subject"))
}

// A server that sends fewer or more bytes than were stored must not cause an answer that looks
// complete.
func TestABucketThatSendsTooFewOrTooManyBytesGivesNoBrokenFile(t *testing.T) {
	a, s, log := newBucketApp(t)
	c := a.customer("Ana")
	content := strings.Repeat("0123456789", 10_000)
	at := "/uploads/" + c.staged("a.txt", content).uploaded(t).Name
	sends := func(sent string, length int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("ETag", `"x"`)
			w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
			w.Header().Set("Content-Length", strconv.Itoa(length))
			_, _ = io.WriteString(w, sent)
			return true
		}
	}
	for what, fails := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"fewer":   sends(content[:50_000], 50_000),
		"more":    sends(content+"more", len(content)+4),
		"nothing": sends("", 0),
	} {
		s.Fails(fails)
		log.since()
		c.get(at).wants(t, 503, "Files are not available")
		if text := log.since(); !strings.Contains(text, "100000 were stored") {
			t.Errorf("%s: the log does not have the sizes: %s", what, text)
		}
	}
	s.Fails(sends(content[:50_000], len(content)))
	req, err := http.NewRequest(http.MethodGet, a.srv.URL+at, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("status %d with %d bytes looks complete", resp.StatusCode, len(got))
	}
}
