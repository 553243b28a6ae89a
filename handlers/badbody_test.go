package handlers

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/handlers/web"
)

// These tests send bodies that are not forms, or that do not match their headers.

// part is one part of a multipart body whose boundary is b.
func part(header, body string) string { return "--b\r\n" + header + "\r\n\r\n" + body + "\r\n" }

const (
	parts    = "multipart/form-data; boundary=b"
	encoded  = "application/x-www-form-urlencoded"
	subject  = `Content-Disposition: form-data; name="subject"`
	attached = `Content-Disposition: form-data; name="attachment"; filename="a.txt"`
)

// bodies has invalid bodies, each with its content type, by name.
var bodies = map[string][2]string{
	"no type":                       {"", "subject=S"},
	"an empty type":                 {"; ;", "subject=S"},
	"JSON":                          {"application/json", `{"subject":"S"}`},
	"deep JSON":                     {"application/json", strings.Repeat("[", 100_000)},
	"XML":                           {"text/xml", `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`},
	"plain text":                    {"text/plain", "subject=S"},
	"another charset":               {encoded + "; charset=utf-16", "s\x00u\x00b\x00"},
	"a bad escape":                  {encoded, "subject=%zz"},
	"semicolons":                    {encoded, "subject=S;category=2"},
	"100,000 fields":                {encoded, strings.Repeat("a=&", 100_000)},
	"no boundary":                   {"multipart/form-data", part(subject, "S")},
	"an empty boundary":             {`multipart/form-data; boundary=""`, part(subject, "S")},
	"a long boundary":               {"multipart/form-data; boundary=" + strings.Repeat("b", 4000), part(subject, "S")},
	"another multipart":             {"multipart/mixed; boundary=b", part(subject, "S") + "--b--\r\n"},
	"nothing in it":                 {parts, ""},
	"no multipart":                  {parts, "hello"},
	"cut in a header":               {parts, "--b\r\nContent-Dispo"},
	"cut in a field":                {parts, "--b\r\n" + subject + "\r\n\r\nha"},
	"cut in a file":                 {parts, "--b\r\n" + attached + "\r\n\r\nha"},
	"cut between parts":             {parts, part(subject, "S")},
	"1,001 parts":                   {parts, strings.Repeat(part(subject, "S"), 1001) + "--b--\r\n"},
	"1,001 empty files":             {parts, strings.Repeat(part(`Content-Disposition: form-data; name="f"; filename=""`, ""), 1001) + "--b--\r\n"},
	"20,000 header lines":           {parts, "--b\r\n" + strings.Repeat("X: y\r\n", 20_000) + subject + "\r\n\r\nS\r\n--b--\r\n"},
	"a long header":                 {parts, part(subject+"; x="+strings.Repeat("y", 1<<20-500), "S") + "--b--\r\n"},
	"no header":                     {parts, "--b\r\n\r\nS\r\n--b--\r\n"},
	"a part without name":           {parts, part("Content-Disposition: form-data", "S") + "--b--\r\n"},
	"a malformed header":            {parts, part("Content-Disposition form-data", "S") + "--b--\r\n"},
	"NUL in a header":               {parts, part("Content-Disposition: form-data; name=\"a\x00b\"", "S") + "--b--\r\n"},
	"quoted-printable":              {parts, part(subject+"\r\nContent-Transfer-Encoding: quoted-printable", "=zz=") + "--b--\r\n"},
	"quoted whole file":             {parts, part(attached+"\r\nContent-Transfer-Encoding: quoted-printable", "=zz=") + "--b--\r\n"},
	"parts in parts":                {parts, part(subject+"\r\nContent-Type: "+parts, part(subject, "S")) + "--b--\r\n"},
	"a part's lying length":         {parts, part(subject+"\r\nContent-Length: 99999", "S") + "--b--\r\n"},
	"a whole file, NUL in its name": {parts, part(`Content-Disposition: form-data; name="f"; filename*=UTF-8''%00%ff`, "S") + "--b--\r\n"},
}

// validEmpty has the forms that are valid without a field. A body without a form is read as
// such a form.
var validEmpty = []string{"/account/sessions", "/account/away", "/account/notifications", "/account/shortcuts", "/admin/system/checks", "/admin/system/events", "/tickets/1/assignment"}

func TestMalformedBodiesAreRefused(t *testing.T) {
	c := newClients(t)
	for _, to := range append(slices.Clone(targets), target{path: "/uploads", by: "customer"}, target{path: "/uploads/" + strings.Repeat("a", 26) + "/delete", by: "admin"}) {
		c.unchanged(t, func() {
			for what, body := range bodies {
				if slices.Contains(validEmpty, to.path) || strings.Contains(what, "whole file") {
					continue // these requests succeed
				}
				got := c[to.by].send(http.MethodPost, to.path, strings.NewReader(body[1]), "Content-Type", body[0])
				got.sound(t, to.path+": "+what)
				if got.StatusCode < 400 && to.path != "/account/theme" {
					t.Errorf("%s: %s: %d", to.path, what, got.StatusCode)
				}
			}
		})
	}
	c["admin"].app.exec("delete from attachments where ticket_id is null")
	for what, body := range bodies {
		c["customer"].send(http.MethodPost, "/uploads", strings.NewReader(body[1]), append([]string{"Content-Type", body[0]}, asJSON...)...).sound(t, "/uploads: "+what)
	}
}

func TestABodyWithAWrongContentLengthIsRefused(t *testing.T) {
	c := newClients(t)
	ana := c["customer"]
	form := aForm("k").Encode()
	whole := part(subject, "S") + "--b--\r\n"
	const long, chunked = "\r\nContent-Length: 999", "\r\nTransfer-Encoding: chunked"
	c.unchanged(t, func() {
		for what, sent := range map[string]struct {
			header, body string
			want         int
		}{
			"too short, a form":   {encoded + long, form, 400},
			"too short, parts":    {parts + long, whole[:20], 400},
			"chunks that end":     {encoded + chunked, "5\r\nsubj", 400},
			"chunks of no size":   {encoded + chunked, "xyz\r\n" + form, 400},
			"parts in bad chunks": {parts + chunked, fmt.Sprintf("%x\r\n%s\r\nxyz\r\n", 56, whole[:56]), 400},
			"a negative length":   {encoded + "\r\nContent-Length: -1", form, 400},
			"two lengths":         {encoded + "\r\nContent-Length: 1\r\nContent-Length: 9", form, 400},
			"length and chunks":   {encoded + "\r\nContent-Length: 3" + chunked, "0\r\n\r\n", 422},
			"an unknown transfer": {encoded + "\r\nTransfer-Encoding: gzip", form, 501},
			"more than it says":   {encoded + "\r\nContent-Length: 3", form, 422},
		} {
			if got := ana.raw(t, sent.header, sent.body, sent.want == 400); got != sent.want {
				t.Errorf("%s: %d, not %d", what, got, sent.want)
			}
		}
	})
}

func TestAClientThatStopsSendingGetsTheRightError(t *testing.T) {
	c := newClients(t)
	reported := 0
	for i := range 20 {
		form := aForm(fmt.Sprint("key ", i)).Encode()
		switch got := c["customer"].raw(t, encoded+fmt.Sprintf("\r\nContent-Length: %d", len(form)), form, true); got {
		case http.StatusSeeOther:
			reported++
		case web.StatusClientClosed:
		default:
			t.Errorf("got %d", got)
		}
	}
	var stored int
	if err := c["admin"].app.pool.QueryRow(t.Context(), "select count(*) - 1 from tickets").Scan(&stored); err != nil || stored < reported {
		t.Errorf("%d of %d acknowledged tickets are stored: %v", stored, reported, err)
	}
}

// raw posts the given header and body to /tickets and returns the status. With ended, it
// closes its side of the connection before it reads the answer.
func (c *client) raw(t *testing.T, header, body string, ended bool) int {
	t.Helper()
	conn, err := net.Dial("tcp", c.app.srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second)) // an error is reported by the calls below
	head := "POST /tickets HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: http://x\r\nCookie: " + c.cookie() + "\r\nContent-Type: "
	if _, err := io.WriteString(conn, head+header+"\r\n\r\n"+body); err != nil {
		t.Fatal(err)
	}
	if ended {
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

func TestAForgedCookieDoesNotExtendTheUploadTime(t *testing.T) {
	a := newApp(t)
	stranger := a.visitor()
	u, err := url.Parse(a.srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	stranger.http.Jar.SetCookies(u, []*http.Cookie{{Name: "frontdesk_session", Value: "made-up", Path: "/"}})
	// The answer is sent before the whole body has arrived.
	if got := stranger.raw(t, parts+"\r\nContent-Length: 5000000", part(subject, strings.Repeat("S", web.EarlyBody)), false); got != http.StatusSeeOther {
		t.Errorf("%d", got)
	}
}
