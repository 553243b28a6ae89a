package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"frontdesk/handlers/web"
)

// These tests send invalid requests to the API. Each answer is one sentence in JSON. It
// changes no row and reveals no internals.

// inside matches internals that no answer may contain.
var inside = regexp.MustCompile(`(?i)sqlstate|pgx|goroutine|\.go:|panic|select |insert into|/tmp/|multipart: |strconv|<html`)

// refuses fails the test unless got is a refusal with one of the wanted statuses
// and a plain message, and the database is as it was before.
func (p *apiClient) refuses(what string, before snapshot, got reply, want ...int) {
	t := p.app.t
	t.Helper()
	ok := false
	for _, status := range want {
		ok = ok || got.StatusCode == status
	}
	if !ok {
		t.Errorf("%s: %d %.200s, want %v", what, got.StatusCode, got.body, want)
	}
	var e struct{ Error string }
	err := json.Unmarshal(got.body, &e)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if e.Error == "" {
		t.Errorf("%s: the error is empty", what)
	}
	if inside.Match(got.body) {
		t.Errorf("%s: inside.Match(got.body) is true, want false", what)
	}
	if moved := before.differs(p.app.data()); moved != "" {
		t.Errorf("%s changed %s", what, moved)
	}
}

// data returns a snapshot of all tables except the counters of the limits.
func (a *app) data() snapshot {
	a.t.Helper()
	return a.everythingExcept(a.t, "rate_limits")
}

// bodied returns the endpoints that read a body, each with a valid body.
func bodied(id int64) []struct {
	method, path string
	admin        bool
	good         obj
} {
	one := fmt.Sprintf("/tickets/%d", id)
	return []struct {
		method, path string
		admin        bool
		good         obj
	}{
		{"POST", "/auth/register", false, obj{"username": "New", "email": "new@example.org", "password": password}},
		{"POST", "/auth/login", false, obj{"email": "nobody@example.org", "password": password}},
		{"POST", "/tickets", false, invoice},
		{"PUT", one, false, obj{"subject": "S", "description": "D", "category": "Billing", "priority": "Low", "version": 1, "removeAttachment": false}},
		{"PATCH", one + "/status", true, obj{"status": "CLOSED", "version": 1}},
		{"POST", one + "/comments", false, obj{"text": "T"}},
		{"POST", one + "/messages", false, obj{"message": "T", "clientMsgId": "k"}},
	}
}

func TestNoFieldOfTheAPITakesAnotherType(t *testing.T) {
	a := newApp(t, unlimited)
	ana, admin := a.customer("Ana").program(), a.admin("Boss").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	before := a.data()
	for _, to := range bodied(id) {
		p := ana
		if to.admin {
			p = admin
		}
		for field := range to.good {
			for _, value := range []any{[]int{1}, obj{"a": 1}, []any{}, obj{}, 1.5, 1e300, "a\x00b", strings.Repeat("a", 30_000), "\u202e\x00", json.Number("99999999999999999999"), "x y\nz\r\x00"} {
				bad := maps.Clone(to.good)
				bad[field] = value
				got := p.send(to.method, to.path, bad)
				want := 400
				if text, long := value.(string); long && len(text) > web.SmallBody && strings.HasPrefix(to.path, "/auth/") {
					want = 413
				}
				p.refuses(fmt.Sprintf("%s %s with %s %.40v", to.method, to.path, field, value), before, got, want)
			}
			if text, isText := to.good[field].(string); isText && text != "k" {
				for _, value := range []any{true, false, 7, "", " \t\u00a0\n "} {
					bad := maps.Clone(to.good)
					bad[field] = value
					p.refuses(fmt.Sprintf("%s %s with %s %#v", to.method, to.path, field, value), before, p.send(to.method, to.path, bad), 400, 401)
				}
			}
		}
	}
	one := fmt.Sprintf("/tickets/%d", id)
	for _, value := range []any{"low", "LOW", "Lowest", "0", "Low\x00"} {
		got := ana.send("POST", "/tickets", obj{"subject": "S", "description": "D", "priority": value})
		ana.refuses(fmt.Sprintf("the priority %q", value), before, got, 400)
		admin.refuses(fmt.Sprintf("the status %q", value), before, admin.send("PATCH", one+"/status", obj{"status": value}), 400)
		ana.refuses(fmt.Sprintf("the category %q", value), before, ana.send("PUT", one, obj{"category": value}), 400)
	}
}

func TestABodyThatIsNotOneJSONObjectIsRefused(t *testing.T) {
	a := newApp(t, unlimited)
	ana := a.customer("Ana").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	good := `{"subject":"S","description":"D","text":"T","message":"T","status":"CLOSED","username":"N","email":"n@example.org","password":"a long enough password"}`
	utf16 := []byte("\xff\xfe")
	for _, r := range good {
		utf16 = append(utf16, byte(r), 0)
	}
	const jsonType = "application/json"
	before := a.data()
	for what, try := range map[string]struct {
		kind, body string
		want       int
	}{
		"nothing": {jsonType, "", 400}, "spaces": {jsonType, "  \n", 400}, "null": {jsonType, "null", 400}, "true": {jsonType, "true", 400},
		"a number": {jsonType, "1", 400}, "a text": {jsonType, `"x"`, 400}, "an array": {jsonType, "[" + good + "]", 400}, "half": {jsonType, good[:len(good)/2], 400},
		"two documents": {jsonType, good + good, 400}, "something after": {jsonType, good + "x", 400}, "a comma too much": {jsonType, `{"subject":"S",}`, 400},
		"a name twice":            {jsonType, `{"subject":"S","description":"D","text":"a","text":"b","subject":"T","message":"m","message":"n","status":"OPEN","status":"CLOSED","email":"a","email":"b"}`, 400},
		"a name twice, deep down": {jsonType, `{"x":[{"a":1,"a":2}],` + good[1:], 400},
		"depth":                   {jsonType, strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000), 400},
		"depth of arrays":         {jsonType, strings.Repeat("[", 100_000), 400},
		"single quotes":           {jsonType, `{'subject':'S'}`, 400}, "a comment": {jsonType, "/* */" + good, 400}, "NaN": {jsonType, `{"version":NaN}`, 400},
		"UTF-16": {jsonType, string(utf16), 400}, "Latin-1": {jsonType, "{\"subject\":\"Kova\xe8\"}", 400}, "a byte order mark": {jsonType, "\xef\xbb\xbf" + good, 400},
		"raw NUL": {jsonType, "{\"subject\":\"a\x00b\"}", 400}, "said to be Latin-1": {jsonType + "; charset=iso-8859-1", good, 400},
		"2 MiB": {jsonType, `{"subject":"` + strings.Repeat("a", 2<<20) + `"}`, 413}, "11 MiB": {jsonType, `{"text":"` + strings.Repeat("a", 11<<20) + `"}`, 413},
		"11 MiB of space": {jsonType, good + strings.Repeat(" ", 11<<20), 413},
		"text":            {"text/plain", good, 415}, "XML": {"application/xml", "<a/>", 415}, "no type": {"", good, 415}, "JSON lines": {"application/x-ndjson", good, 415},
		"a type that is none": {"json", good, 415}, "another charset of a form": {"application/x-www-form-urlencoded", "%zz=1", 400},
	} {
		for _, to := range bodied(id) {
			got := ana.send(to.method, to.path, try.body, "Content-Type", try.kind)
			want := try.want
			if strings.HasPrefix(to.path, "/auth/") && try.kind == jsonType && len(try.body) > web.SmallBody {
				want = 413
			}
			ana.refuses(what+" to "+to.path, before, got, want)
		}
	}
}

func TestClientsCannotSetProtectedFields(t *testing.T) {
	a := newApp(t)
	ana, boris := a.customer("Ana").program(), a.customer("Boris").program()
	lies := obj{"id": 77, "userId": boris.id, "user_id": boris.id, "requester_id": boris.id, "requesterId": boris.id, "status": "CLOSED", "version": 9, "role": "admin",
		"createdAt": "2001-01-01T00:00:00Z", "senderId": boris.id, "attachment": "/uploads/x", "user": obj{"id": boris.id}, "submission_id": "x", "SubmissionID": "x",
		"isAdmin": true, "disabled": false, "must_change_password": false, "__proto__": obj{"role": "admin"}}
	with := func(good obj) obj { out := maps.Clone(lies); maps.Copy(out, good); return out }

	got := ana.send("POST", "/tickets", with(invoice)).wants(201).wantsValues(obj{"userId": float64(ana.id), "status": "OPEN", "version": 1.0, "attachment": nil})
	if value := got.number("id"); value == 77 {
		t.Errorf("a client set the id or the time of a new ticket: id is %d, want another value", value)
	}
	if value := fmt.Sprint(got.get("createdAt")); strings.HasPrefix(value, "2001") {
		t.Errorf(`a client set the id or the time of a new ticket: got %q, want another prefix than "2001"`, value)
	}
	one := fmt.Sprintf("/tickets/%d", got.number("id"))
	ana.send("PUT", one, with(obj{"subject": "S", "version": 1})).wants(200).wantsValues(obj{"userId": float64(ana.id), "status": "OPEN", "version": 2.0})
	got = ana.send("POST", one+"/comments", with(obj{"text": "T"})).wants(201)
	got.wantsValues(obj{"userId": ana.id})
	if value := got.number("ticketId"); value == 77 {
		t.Errorf("a client set the author of a comment: ticketId is %d, want another value", value)
	}
	if got := ana.send("POST", one+"/messages", with(obj{"message": "T"})).wants(400); got.get("fields.senderId") == nil {
		t.Errorf("a client may set the sender of a chat message: %s", got.body)
	}
	ana.send("POST", "/auth/register", with(obj{"username": "Eve", "email": "eve@example.org", "password": password})).wants(201)
	if n := a.count("select count(*) from users where role = 'admin'"); n != 0 {
		t.Error("a client registered as an admin")
	}
}

func TestIncompleteOrUnexpectedMultipartIsRefused(t *testing.T) {
	a := newApp(t, unlimited)
	ana := a.customer("Ana").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	one := fmt.Sprintf("/tickets/%d", id)
	part := func(name, filename, text string) string {
		if filename != "" {
			filename = `; filename="` + filename + `"`
		}
		return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"" + filename + "\r\n\r\n" + text + "\r\n"
	}
	fields, end := part("subject", "", "S")+part("description", "", "D")+part("text", "", "T")+part("message", "", "T"), "--b--\r\n"
	const kind = "multipart/form-data; boundary=b"
	before := a.data()
	for what, try := range map[string]struct {
		kind, body string
		want       int
	}{
		"no boundary": {"multipart/form-data", fields + end, 400}, "another boundary": {"multipart/form-data; boundary=c", fields + end, 400}, "cut off": {kind, fields, 400},
		"cut off in the head of a file": {kind, fields + part("attachment", "a.txt", "half")[:70], 400}, "cut off in a file": {kind, fields + part("attachment", "a.txt", "half"), 400}, "nothing": {kind, "", 400}, "no parts": {kind, "rubbish", 400},
		"two files":     {kind, fields + part("attachment", "a.txt", "one") + part("attachment", "b.txt", "two") + end, 400},
		"another field": {kind, fields + part("photo", "a.txt", "one") + end, 400}, "an empty file": {kind, fields + part("attachment", "a.txt", "") + end, 400},
		"a field twice": {kind, fields + fields + end, 400}, "1,001 parts": {kind, strings.Repeat(part("x", "", "y"), 1001) + end, 400},
		"a text of 2 MiB": {kind, fields + part("x", "", strings.Repeat("a", 2<<20)) + end, 413}, "NUL in a text": {kind, part("subject", "", "a\x00b") + part("description", "", "D") + part("text", "", "a\x00") + part("message", "", "\x00") + end, 400},
		"invalid UTF-8":    {kind, part("subject", "", "a\xff") + part("description", "", "D") + part("text", "", "a\xff") + part("message", "", "\xff") + end, 400},
		"a file of 11 MiB": {kind, fields + part("attachment", "a.txt", strings.Repeat("a", 11<<20)) + end, 413},
		"another kind":     {"multipart/mixed; boundary=b", fields + end, 415},
	} {
		for _, path := range []string{"/tickets", one + "/attachment", one + "/comments", one + "/messages"} {
			want := []int{try.want}
			if strings.HasSuffix(path, "/attachment") || try.want == 413 {
				want = []int{400, 413, 415}
			}
			if !strings.HasPrefix(what, "an empty") || path == "/tickets" {
				ana.refuses(what+" to "+path, before, ana.send("POST", path, try.body, "Content-Type", try.kind), want...)
			}
		}
	}
	if n := a.count("select count(*) from attachments"); n != 0 {
		t.Errorf("%d files of refused requests are kept", n)
	}
}

func TestMalformedIDsAndQueriesAreRefused(t *testing.T) {
	a := newApp(t, unlimited)
	ana, admin := a.customer("Ana").program(), a.admin("Boss").program()
	ana.send("POST", "/tickets", invoice).wants(201)
	before := a.data()
	for _, id := range []string{"0", "-1", "007", "1e3", "99999999999999999999", "9223372036854775807", "x", "1.0", "%00", "%ff", "1'", "1;", "null", "١", "+1", "1%20", strings.Repeat("1", 3000)} {
		for _, r := range withoutDesk().apiRoutes() {
			if !strings.Contains(r.Path, ":id") {
				continue
			}
			path := strings.ReplaceAll(r.Path, ":id", id)
			body := obj{"subject": "S", "text": "T", "message": "T", "status": "CLOSED"}
			ana.refuses(r.Method+" "+path, before, ana.send(r.Method, path, body), 403, 404)
			admin.refuses(r.Method+" "+path, before, admin.send(r.Method, path, body), 404)
		}
	}
	for name, values := range map[string][]string{
		"limit": {"0", "-1", "1001", "x", "1.5", "99999999999999999999", "1e2", "\x00", "\xff", " 1"}, "after": {"0", "-1", "x", "1.5", "99999999999999999999", "\x00"},
		"status": {"open", "x", "OPEN,CLOSED", "\x00", "\xff"}, "priority": {"low", "'", "\x00"}, "category": {"none such", "\x00", "\xff", strings.Repeat("a", 61)},
		"q": {strings.Repeat("a", 201), "\x00", "a\xffb"},
	} {
		for _, value := range values {
			for _, p := range []*apiClient{ana, admin} {
				p.refuses(fmt.Sprintf("%s=%q", name, value), before, p.send("GET", "/tickets?"+url.Values{name: {value}}.Encode(), nil), 400)
			}
		}
	}
	for _, path := range []string{"/tickets?limit=1&limit=2", "/tickets?%zz", "/tickets?;", "/tickets?q=%27%20or%201%3D1", "/tickets?q=%25", "/tickets?q=%28%26%7C%21"} {
		got := ana.send("GET", path, nil)
		if !slices.Contains([]int{200, 400}, got.StatusCode) {
			t.Errorf("%s: the status is %d, want 200 or 400: %s", path, got.StatusCode, got.body)
		}
		if inside.Match(got.body) {
			t.Errorf("%s: the body shows internals: %s", path, got.body)
		}
	}
	for _, header := range []string{"x", `"x"`, "-1", `"0"`, "1e3", `W/`, `"1", "2"`, `"4294967297"`, `"4294967297.x"`, strings.Repeat("1", 3000)} {
		got := ana.send("PUT", "/tickets/1", obj{"subject": "S"}, "If-Match", header)
		ana.refuses("If-Match: "+header, before, got, 400, 409, 412)
	}
	if !bytes.Contains(admin.send("GET", "/tickets", nil).wants(200).body, []byte("Invoice 2207")) {
		t.Error("the ticket is gone")
	}
}
