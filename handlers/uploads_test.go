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
	if want := (uploaded{Name: u.Name, Filename: "a.txt", ContentType: "text/plain; charset=utf-8", Size: 3}); u != want || len(u.Name) != 26 {
		t.Errorf("got %+v, want %+v with a name of 26 letters", u, want)
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
			if values := got.Header.Values(header); len(values) != 1 || values[0] != want {
				t.Errorf("%s: %s is %q, want %q", f.name, header, values, want)
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
	if got := c.get("/uploads/"+u.Name, "Range", "bytes=2-4").wants(t, 206); got.body != "234" || got.Header.Get("Content-Range") != "bytes 2-4/10" {
		t.Errorf("%q %v", got.body, got.Header)
	}
	c.get("/uploads/"+u.Name, "Range", "bytes=20-").wants(t, 416)
	if got := c.head("/uploads/"+u.Name).wants(t, 200); got.body != "" || got.Header.Get("Content-Length") != "10" {
		t.Errorf("%q %v", got.body, got.Header)
	}
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

func TestBrokenMultipartIsRefusedClearlyAndLeavesNothing(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	const kind = "multipart/form-data; boundary=b"
	part := func(header, body string) string {
		return "--b\r\nContent-Disposition: form-data; " + header + "\r\n\r\n" + body + "\r\n"
	}
	id := part(`name="submission_id"`, "k")
	for name, sent := range map[string]struct {
		kind, body string
		want       int
	}{
		"no boundary":     {"multipart/form-data", id, 400},
		"not multipart":   {kind, "hello", 400},
		"cut in a file":   {kind, id + "--b\r\nContent-Disposition: form-data; name=\"attachment\"; filename=\"a.txt\"\r\n\r\nhal", 400},
		"cut between":     {kind, id, 400},
		"cut in a header": {kind, id + "--b\r\nContent-Dispo", 400},
		"1,001 parts":     {kind, strings.Repeat(part(`name="x"`, "y"), 1001) + "--b--\r\n", 400},
		"header injected": {kind, id + part("name=\"attachment\"; filename=\"a\\\r\nSet-Cookie: x=y\"", "one") + "--b--\r\n", 422},
	} {
		if got := c.send("POST", "/tickets", strings.NewReader(sent.body), "Content-Type", sent.kind); got.StatusCode != sent.want {
			t.Errorf("%s: %d %s", name, got.StatusCode, got.text("h1"))
		}
	}
	if n := a.count("select count(*) from attachments where filename <> 'file'"); n != 0 {
		t.Errorf("%d files of broken forms are kept", n)
	}
	if n := a.count("select count(*) from attachments where filename = 'file'"); n != 1 {
		t.Errorf("%d files are kept whose name cannot be read, want 1", n)
	}
}

// A file that a client sends is stored under a readable name, or the client gets an error.
func TestAFileIsHandledAlikeInEverySpellingOfItsPart(t *testing.T) {
	a := newApp(t, unlimited)
	c := a.customer("Ana")
	p := c.program()
	const content = "\r\nContent-Type: text/plain"
	for what, try := range map[string]struct {
		header, body string
		page, api    int
		filename     string
	}{
		"quotes in the name":        {`name="attachment"; filename="my "best" file.txt"` + content, "one", 201, 201, `my "best" file.txt`},
		"quotes as browsers write":  {`name="attachment"; filename="my %22best%22 file.txt"` + content, "one", 201, 201, `my "best" file.txt`},
		"a percent sign":            {`name="attachment"; filename="a%20b.txt"` + content, "one", 201, 201, "a%20b.txt"},
		"two names":                 {`name="attachment"; filename="a.txt"; filename="b.txt"` + content, "one", 201, 201, "a.txt"},
		"filename* alone":           {`name="attachment"; filename*=UTF-8''%C5%BEuta.txt` + content, "one", 201, 201, "žuta.txt"},
		"filename* in Latin-1":      {`name="attachment"; filename*=iso-8859-1''na%EFve.txt` + content, "one", 201, 201, "naïve.txt"},
		"a name in Latin-1":         {"name=\"attachment\"; filename=\"na\xefve.txt\"" + content, "one", 201, 201, "naïve.txt"},
		"a name of spaces and dots": {`name="attachment"; filename=" .. . "` + content, "one", 201, 201, "file"},
		"an empty name":             {`name="attachment"; filename=""` + content, "one", 201, 201, "file"},
		"no name, but a type":       {`name="attachment"` + content, "one", 201, 201, "file"},
		"no end of the name":        {`name="attachment"; filename="a.txt` + content, "one", 201, 201, "a.txt"},
		"no field":                  {`filename="a.txt"` + content, "one", 201, 400, "a.txt"},
		"another field":             {`name="photo"; filename="a.txt"` + content, "one", 201, 400, "a.txt"},
		"neither name nor type":     {`name="attachment"`, "one", 400, 400, ""},
		"in base64":                 {`name="attachment"; filename="a.txt"` + "\r\nContent-Transfer-Encoding: base64", "b25l", 400, 400, ""},
		"parts within the part":     {`name="attachment"` + "\r\nContent-Type: multipart/mixed; boundary=c", "--c--", 400, 400, ""},
		"a head of 4 MiB":           {`name="attachment"; filename="a.txt"; x="` + strings.Repeat("x", 4<<20) + `"` + content, "one", 413, 413, ""},
		"an input left empty":       {`name="attachment"; filename=""` + "\r\nContent-Type: application/octet-stream", "", 422, 201, ""},
	} {
		file := part("Content-Disposition: form-data; "+try.header, try.body) + "--b--\r\n"
		got := c.send("POST", "/uploads", strings.NewReader(part(`Content-Disposition: form-data; name="submission_id"`, what)+file), append([]string{"Content-Type", parts}, asJSON...)...)
		if got.StatusCode != try.page {
			t.Errorf("%s: the page got %d, want %d: %.200s", what, got.StatusCode, try.page, got.body)
		} else if got.StatusCode == 201 {
			if name := got.uploaded(t).Filename; name != try.filename {
				t.Errorf("%s: stored as %q, want %q", what, name, try.filename)
			}
		}
		text := part(subject, "S") + part(`Content-Disposition: form-data; name="description"`, what)
		made := p.send("POST", "/tickets", text+file, "Content-Type", parts)
		if made.StatusCode != try.api {
			t.Errorf("%s: an API client got %d, want %d: %.200s", what, made.StatusCode, try.api, made.body)
		}
		want := 0
		if try.api == 201 && try.filename != "" {
			want = 1
		}
		if n := a.count("select count(*) from attachments a join tickets t on t.id = a.ticket_id where t.description = $1 and a.filename = $2", what, try.filename); n != want {
			t.Errorf("%s: the ticket has %d such files, want %d", what, n, want)
		}
	}
}

func TestARepeatedFieldWithDifferentTextsIsRefused(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	form := aForm("k")
	form.Add("subject", "Another subject")
	c.post("/tickets", form).wants(t, 400, "comes twice")
	c.upload("/tickets", form, nil).wants(t, 400, "comes twice")
	form.Set("subject", "One subject")
	form.Add("subject", "One subject")
	c.post("/tickets", form).wants(t, 303)
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
	if u.Filename != "a.svg" || u.ContentType != "application/octet-stream" || u.Size != 6 {
		t.Errorf("got %+v", u)
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
	if count[201] != 5 || count[422] != 15 {
		t.Errorf("got %v", count)
	}
}
