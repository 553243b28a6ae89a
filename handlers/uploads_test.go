package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
	"testing"

	"frontdesk/internal/desk"
)

type uploaded struct {
	Name, Filename, ContentType, Error string
	Size                               int64
}

// uploaded decodes the answer to an upload.
func (p page) uploaded(t *testing.T) (u uploaded) {
	t.Helper()
	if err := json.Unmarshal([]byte(p.body), &u); err != nil {
		t.Fatalf("%d %s: %v", p.StatusCode, p.body, err)
	}
	return u
}

var asJSON = []string{"Accept", "application/json"}

// staged uploads one file of the form k as a script does.
func (c *client) staged(name, content string) page {
	return c.upload("/uploads", url.Values{"submission_id": {"k"}}, []file{{"attachment", name, content}}, asJSON...)
}

func TestAFileIsUploadedBeforeItsForm(t *testing.T) {
	a := newApp(t)
	c, ben := a.customer("Ana"), a.customer("Ben")
	u := c.staged("../a.txt", "one").wants(t, 201).uploaded(t)
	want := (uploaded{Name: u.Name, Filename: "a.txt", ContentType: "text/plain; charset=utf-8", Size: 3})
	if u != want {
		t.Errorf("got %+v, want %+v", u, want)
	}
	if len(u.Name) != 26 {
		t.Errorf("got %d bytes, want 26: %q", len(u.Name), u.Name)
	}
	again := c.staged("a.txt", "one").wants(t, 201).uploaded(t)
	if again.Name != u.Name {
		t.Error("the same file is stored twice")
	}
	ben.get("/uploads/"+u.Name).wants(t, 404)
	ben.post("/uploads/"+u.Name+"/delete", nil, asJSON...).wants(t, 404)
	a.visitor().get("/uploads/"+u.Name).wants(t, 303)
	other := c.staged("b.txt", "two").wants(t, 201).uploaded(t)
	c.post("/uploads/"+other.Name+"/delete", nil, asJSON...).wants(t, 204)
	c.get("/uploads/"+other.Name).wants(t, 404)
	c.get(c.opened(aForm("k"))).wants(t, 200, "a.txt").lacks(t, "b.txt")
}

func TestInvalidFilesAreReportedToScripts(t *testing.T) {
	a := newApp(t, func(o *desk.Options) { o.MaxUpload = 1000 })
	c := a.customer("Ana")
	if u := c.staged("none.txt", "").wants(t, 422).uploaded(t); !strings.Contains(u.Error, "none.txt is empty") {
		t.Errorf("got %+v", u)
	}
	c.staged("big.txt", strings.Repeat("x", 1001)).wants(t, 413)
	c.upload("/uploads", url.Values{"submission_id": {"k"}}, nil, asJSON...).wants(t, 422, "Choose a file")
	a.visitor().upload("/uploads", nil, []file{{"attachment", "a", "b"}}, asJSON...).wants(t, 401)
}

func TestAFileIsServedWithoutActiveContent(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	for _, f := range []struct{ name, content, kind, disposition string }{
		{"x.gif", "GIF89a/*<script>alert(1)</script>*/", "image/gif", `inline; filename="x.gif"; filename*=UTF-8''x.gif`},
		{"x.png", "\x89PNG\r\n\x1a\n", "image/png", `inline; filename="x.png"; filename*=UTF-8''x.png`},
		{"x.png", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "application/octet-stream", `attachment; filename="x.png"; filename*=UTF-8''x.png`},
		{"x.html", "<!doctype html><script>alert(1)</script>", "application/octet-stream", `attachment; filename="x.html"; filename*=UTF-8''x.html`},
		{"x.html", "plain", "text/plain; charset=utf-8", `attachment; filename="x.html"; filename*=UTF-8''x.html`},
		{"račun maj.pdf", "%PDF-1.7", "application/pdf", `attachment; filename="ra_un maj.pdf"; filename*=UTF-8''ra%C4%8Dun%20maj.pdf`},
	} {
		key := fmt.Sprint(f)
		u := c.upload("/uploads", url.Values{"submission_id": {fmt.Sprintf("%x", len(key)) + f.kind}}, []file{{"attachment", f.name, f.content}}, asJSON...).wants(t, 201).uploaded(t)
		got := c.get("/uploads/"+u.Name).wants(t, 200)
		for header, want := range map[string]string{
			"Content-Type": f.kind, "Content-Disposition": f.disposition, "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private, no-store",
		} {
			values := got.Header.Values(header)
			if len(values) != 1 {
				t.Fatalf("%s: got %d values, want 1: %q", f.name, len(values), values)
			}
			if values[0] != want {
				t.Errorf("%s: values[0] is %q, want %q", f.name, values[0], want)
			}
		}
		if got.body != f.content {
			t.Errorf("%s: %q", f.name, got.body)
		}
	}
}

func TestAFileSupportsRangesAndHead(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	u := c.staged("a.txt", "0123456789").uploaded(t)
	got := c.get("/uploads/"+u.Name, "Range", "bytes=2-4").wants(t, 206)
	if got.body != "234" {
		t.Errorf(`the body is %s, want "234"`, got.body)
	}
	got.wantsHeader(t, "Content-Range", "bytes 2-4/10")
	c.get("/uploads/"+u.Name, "Range", "bytes=20-").wants(t, 416)
	got = c.head("/uploads/"+u.Name).wants(t, 200)
	if got.body != "" {
		t.Errorf(`the body is %s, want ""`, got.body)
	}
	got.wantsHeader(t, "Content-Length", "10")
	for _, name := range []string{"..%2f..%2fetc%2fpasswd", "%00", ".", "%ff", "a", strings.Repeat("a", 26)} {
		if got := c.get("/uploads/" + name); got.StatusCode != 404 {
			t.Errorf("%s: %d", name, got.StatusCode)
		}
		if got := c.post("/uploads/"+name+"/delete", nil); got.StatusCode != 404 {
			t.Errorf("delete %s: %d", name, got.StatusCode)
		}
	}
}

func TestAFileIsRemovedOnTheTicketPage(t *testing.T) {
	a := newApp(t)
	c, ben := a.customer("Ana"), a.customer("Ben")
	at := c.opened(aForm("k"), file{"attachment", "a.txt", "one"})
	link, _ := c.get(at).doc.Find("a[href^='/uploads/']").Attr("href")
	ben.get(link).wants(t, 404)
	ben.post(link+"/delete", nil).wants(t, 404)
	c.post(link+"/delete", nil).leadsTo(t, at)
	c.get(link).wants(t, 404)
	c.get(at).wants(t, 200, "removed <bdi>a.txt</bdi>")
}

func TestFilesOfACommentSurviveAFailedAttempt(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	at := c.opened(aForm("k"))
	form := url.Values{"submission_id": {"c"}, "text": {""}}
	got := c.upload(at+"/comments", form, []file{{"attachment", "a.txt", "one"}, {"attachment", "b.txt", "two"}}).wants(t, 422, "a.txt", "b.txt")
	form.Set("remove", got.value(".upload button[name=remove]"))
	c.post(at+"/comments", form).wants(t, 200, "b.txt").lacks(t, "a.txt")
	form.Del("remove")
	form.Set("text", "Here it is")
	c.post(at+"/comments", form).wants(t, 303)
	c.get(at).wants(t, 200, "Here it is", "b.txt")
	form.Set("text", "And another")
	again := c.upload(at+"/comments", form, []file{{"attachment", "c.txt", "three"}}).wants(t, 409, "And another", "c.txt")
	form.Set("submission_id", again.value("#reply input[name=submission_id]"))
	c.post(at+"/comments", form).wants(t, 303)
	c.get(at).wants(t, 200, "c.txt")
}

func TestTheTypeOfAFileIsReadFromItsContent(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="attachment"; filename="..\..\a.svg"`}, "Content-Type": {"image/svg+xml"}, "Content-Length": {"1"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte("<svg/>")); err != nil {
		t.Fatal(err)
	}
	w.Close()
	u := c.send("POST", "/uploads", &b, append([]string{"Content-Type", w.FormDataContentType()}, asJSON...)...).wants(t, 201).uploaded(t)
	if u.Filename != "a.svg" {
		t.Errorf(`the filename is %q, want "a.svg"`, u.Filename)
	}
	if u.ContentType != "application/octet-stream" {
		t.Errorf(`the content type is %q, want "application/octet-stream"`, u.ContentType)
	}
	if u.Size != 6 {
		t.Errorf("the size is %d, want 6", u.Size)
	}
}

func TestTwentyConcurrentUploadsKeepFive(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	var group sync.WaitGroup
	codes := make([]int, 20)
	for i := range codes {
		group.Go(func() {
			codes[i] = c.staged(fmt.Sprintf("%d.txt", i), strings.Repeat(fmt.Sprint(i), 10_000)).StatusCode
		})
	}
	group.Wait()
	count := map[int]int{}
	for _, code := range codes {
		count[code]++
	}
	if count[201] != 5 {
		t.Errorf("count[201] is %d, want 5", count[201])
	}
	if count[422] != 15 {
		t.Errorf("count[422] is %d, want 15", count[422])
	}
}
