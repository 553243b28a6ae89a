package handlers

import (
	"strings"
	"testing"
)

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
