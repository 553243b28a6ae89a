package hostile

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// operation is an endpoint of the API.
type operation struct {
	method, path string // with {id} and so on
	open         bool   // without a token
}

// operations reads the endpoints from the desk's own description, so that a new one is tried
// without a change here.
func operations(ctx context.Context, t *Target) ([]operation, error) {
	a, err := t.Admin.Do(ctx, http.MethodGet, "/api/openapi.json", nil)
	if err != nil {
		return nil, err
	}
	var document struct {
		Security []any
		Paths    map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(a.Body, &document); err != nil {
		return nil, fmt.Errorf("the description of the API: %w", err)
	}
	var all []operation
	for path, methods := range document.Paths {
		for method, raw := range methods {
			var op struct{ Security *[]map[string]any }
			if !slices.Contains([]string{"get", "post", "put", "patch", "delete"}, method) || json.Unmarshal(raw, &op) != nil {
				continue
			}
			isOpen := op.Security != nil && (len(*op.Security) == 0 || slices.ContainsFunc(*op.Security, func(way map[string]any) bool { return len(way) == 0 }))
			all = append(all, operation{strings.ToUpper(method), path, isOpen || op.Security == nil && len(document.Security) == 0})
		}
	}
	if len(all) < 40 {
		return nil, fmt.Errorf("the description of the API has %d endpoints only", len(all))
	}
	return all, nil
}

// at returns the path of the operation for an id.
func (o operation) at(id string) string {
	var parts []string
	for part := range strings.SplitSeq(o.path, "/") {
		if strings.HasPrefix(part, "{") {
			part = id
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "/")
}

// bodies are bad JSON, by name.
var bodies = map[string]string{
	"nothing":               "",
	"half an object":        `{"text":"a`,
	"an array":              `[1,2]`,
	"null":                  `null`,
	"a number":              `1e400`,
	"two objects":           `{"text":"a"}{"text":"b"}`,
	"a name twice":          `{"text":"a","text":"b","message":"a","message":"b"}`,
	"deep nesting":          strings.Repeat(`{"text":`, 5000) + "1" + strings.Repeat("}", 5000),
	"deep arrays":           strings.Repeat("[", 100_000),
	"wrong types":           `{"text":{},"message":[],"subject":1,"description":true,"name":{},"email":[],"password":1,"version":"x","status":0,"members":"x"}`,
	"NUL":                   `{"text":"a\u0000b","message":"a\u0000b","subject":"\u0000","description":"\u0000","name":"\u0000","email":"\u0000@x","password":"\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000"}`,
	"half a surrogate pair": `{"text":"\ud800","message":"\ud800","subject":"\ud800","description":"\ud800","name":"\ud800"}`,
	"invalid UTF-8":         "{\"text\":\"\xff\",\"message\":\"\xff\",\"subject\":\"\xff\",\"description\":\"\xff\",\"name\":\"\xff\"}",
	"large numbers":         `{"version":99999999999999999999,"senderId":9223372036854775808,"userId":-1,"categoryId":1e308}`,
	"fields of others":      `{"id":1,"role":"admin","userId":1,"requesterId":1,"isAdmin":true}`,
	"a byte order mark":     "\ufeff{}",
}

// ids are bad ids in paths.
var ids = []string{"0", "-1", "1.5", "99999999999999999999", "%00", "%ff", "'%20or%201=1--", "..%2f..%2fetc%2fpasswd", "null", "%D9%A1", strings.Repeat("1", 3000)}

// API sends bad JSON and bad ids to every endpoint, as an admin.
func API(ctx context.Context, t *Target) (*Result, error) {
	r := &Result{}
	all, err := operations(ctx, t)
	if err != nil {
		return r, err
	}
	send := func(what string, o operation, path string, body io.Reader) error {
		a, err := t.Admin.Do(ctx, o.method, path, body, "Content-Type", "application/json")
		if err != nil {
			return fmt.Errorf("%s %s with %s: %w", o.method, o.path, what, err)
		}
		r.sound(fmt.Sprintf("%s %s with %s", o.method, o.path, what), a)
		return nil
	}
	for _, o := range all {
		if o.method != http.MethodGet && o.method != http.MethodDelete {
			for name, body := range bodies {
				if err := send(name, o, o.at(fmt.Sprint(t.Ticket)), strings.NewReader(body)); err != nil {
					return r, err
				}
			}
		}
		if !strings.Contains(o.path, "{") {
			continue
		}
		for _, id := range ids {
			if err := send("the id "+id[:min(len(id), 20)], o, o.at(id), strings.NewReader("{}")); err != nil {
				return r, err
			}
		}
	}
	return r, send("11 MiB", operation{method: http.MethodPost, path: "/api/tickets"}, "/api/tickets", io.LimitReader(endless('a'), 11<<20))
}

// endless is a reader of one byte again and again.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

// Files sends bad multipart bodies, file names and contents.
func Files(ctx context.Context, t *Target) (*Result, error) {
	r := &Result{}
	path := fmt.Sprintf("/api/tickets/%d/attachment", t.Ticket)
	const head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n"
	for what, c := range map[string]struct{ contentType, body string }{
		"no boundary":        {"multipart/form-data", "--b\r\n\r\n\r\n--b--\r\n"},
		"an empty boundary":  {`multipart/form-data; boundary=""`, "--\r\n\r\n\r\n----\r\n"},
		"a truncated part":   {"multipart/form-data; boundary=b", head + "half"},
		"no end":             {"multipart/form-data; boundary=b", head + "a\r\n--b"},
		"nothing":            {"multipart/form-data; boundary=b", ""},
		"1001 parts":         {"multipart/form-data; boundary=b", strings.Repeat("--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n", 1001) + "--b--\r\n"},
		"two files":          {"multipart/form-data; boundary=b", head + "1\r\n" + head + "2\r\n--b--\r\n"},
		"headers of 64 KiB":  {"multipart/form-data; boundary=b", "--b\r\nX: " + strings.Repeat("a", 64<<10) + "\r\n\r\n\r\n--b--\r\n"},
		"a part without one": {"multipart/form-data; boundary=b", "--b\r\n\r\nx\r\n--b--\r\n"},
		"mixed":              {"multipart/mixed; boundary=b", head + "1\r\n--b--\r\n"},
		"text":               {"text/plain", "file"},
		"a bad type":         {"multipart/form-data; boundary", head},
	} {
		for _, to := range []string{path, "/tickets", fmt.Sprintf("/tickets/%d/comments", t.Ticket), "/uploads"} {
			a, err := t.Owner.Do(ctx, http.MethodPost, to, strings.NewReader(c.body), "Content-Type", c.contentType)
			if err != nil {
				return r, fmt.Errorf("%s to %s: %w", what, to, err)
			}
			r.sound(what+" to "+to, a)
		}
	}
	return r, t.sendFiles(ctx, r, path)
}

// sendFiles attaches files with bad names and contents, and loads those that are accepted.
func (t *Target) sendFiles(ctx context.Context, r *Result, path string) error {
	markup := []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>x()</script></svg>`)
	for name, content := range map[string][]byte{
		"a.svg": markup, "a.html": []byte("<html><script>x()</script>"), "polyglot.gif": append([]byte("GIF89a/*"), markup...), "..\\..\\x": []byte("x"), "../../x": []byte("x"),
		".": []byte("x"), "..": []byte("x"), "": []byte("x"), "a\r\nX-Injected: 1.txt": []byte("x"), "a\x00.txt": []byte("x"), "\xff.txt": []byte("x"), "\u202egpj.exe": []byte("x"),
		strings.Repeat("a", 5000): []byte("x"), "empty.txt": nil, "large.bin": bytes.Repeat([]byte("a"), 11<<20),
	} {
		a, err := t.Owner.File(ctx, path, "file", name, content)
		if err != nil {
			return fmt.Errorf("the file %.20q: %w", name, err)
		}
		r.sound(fmt.Sprintf("the file %.20q", name), a)
		var out struct{ Attachment string }
		if a.Status >= 300 || json.Unmarshal(a.Body, &out) != nil || out.Attachment == "" {
			continue
		}
		if err := t.load(ctx, r, name, out.Attachment); err != nil {
			return err
		}
	}
	return nil
}

// load loads a file and checks that a browser does not run it.
func (t *Target) load(ctx context.Context, r *Result, name, path string) error {
	a, err := t.Owner.Do(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	r.Tried++
	kind, policy := a.Header.Get("Content-Type"), a.Header.Get("Content-Security-Policy")
	isActive := strings.Contains(kind, "html") || strings.Contains(kind, "svg") || strings.Contains(kind, "xml")
	if a.Status >= 500 {
		r.failed("the file %.20q is answered with %d", name, a.Status)
	}
	if isActive || !strings.Contains(policy, "sandbox") || a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("X-Injected") != "" {
		r.reached("the file %.20q is served as %q with the policy %q", name, kind, policy)
	}
	return nil
}
