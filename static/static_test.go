package static

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// request returns the answer of the handler to a request. Headers are pairs of name and value.
func request(t *testing.T, method, address string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, address, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

// body returns the content of an answer.
func body(t *testing.T, from io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAHashedAddressIsCachedWithoutLimit(t *testing.T) {
	types := map[string]string{
		"app.css": "text/css", "icons.svg": "image/svg+xml", "favicon.svg": "image/svg+xml",
		"app.js": "text/javascript", "list.js": "text/javascript", "form.js": "text/javascript", "ticket.js": "text/javascript",
		"users.js": "text/javascript", "composer.js": "text/javascript", "chat.js": "text/javascript",
	}
	for name, want := range types {
		address := URL(name)
		if !regexp.MustCompile(`^/static/[a-z]+\.[0-9a-f]{12}\.[a-z]+$`).MatchString(address) {
			t.Errorf("the address of %s is %s", name, address)
		}
		got := request(t, "GET", address)
		if got.StatusCode != 200 {
			t.Errorf("%s: the status is %d, want 200", address, got.StatusCode)
		}
		if value := got.Header.Get("Cache-Control"); value != forever {
			t.Errorf("%s: Cache-Control is %q, want %q", address, value, forever)
		}
		if value := got.Header.Get("Content-Type"); !strings.HasPrefix(value, want) {
			t.Errorf("%s: Content-Type is %q, want the prefix %q", address, value, want)
		}
		if value := got.Header.Get("X-Content-Type-Options"); value != "nosniff" {
			t.Errorf(`%s: X-Content-Type-Options is %q, want "nosniff"`, address, value)
		}
	}
}

func TestAPlainNameIsRevalidated(t *testing.T) {
	first := request(t, "GET", "/static/app.css")
	if first.StatusCode != 200 {
		t.Fatalf("the status is %d, want 200", first.StatusCode)
	}
	if got := first.Header.Get("Cache-Control"); got != "no-cache" {
		t.Fatalf(`Cache-Control is %q, want "no-cache"`, got)
	}
	again := request(t, "GET", "/static/app.css", "If-None-Match", first.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("the same content again is %d", again.StatusCode)
	}
}

func TestCompressedAndPlainBytesAreTheSameContent(t *testing.T) {
	plain := request(t, "GET", URL("app.css"))
	packed := request(t, "GET", URL("app.css"), "Accept-Encoding", "deflate, gzip")
	if got := packed.Header.Get("Content-Encoding"); got != "gzip" {
		t.Fatalf(`Content-Encoding is %q, want "gzip"`, got)
	}
	if got := packed.Header.Get("Vary"); got != "Accept-Encoding" {
		t.Fatalf(`Vary is %q, want "Accept-Encoding"`, got)
	}
	if packed.Header.Get("ETag") == plain.Header.Get("ETag") {
		t.Error("compressed and plain bytes have the same tag")
	}
	unpacked, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if body(t, unpacked) != body(t, plain.Body) {
		t.Error("decompressing returns other bytes")
	}
	refused := request(t, "GET", URL("app.css"), "Accept-Encoding", "gzip;q=0")
	if refused.Header.Get("Content-Encoding") != "" {
		t.Error("compressed for a client that refuses it")
	}
}

// A browser test checks that it decompresses to the content.
func TestAClientThatAcceptsBrotliGetsTheCurrentContent(t *testing.T) {
	for name, a := range assets() {
		if a.brotli == nil {
			t.Errorf("%s was not compressed by the build: run npm run build in static/", name)
			continue
		}
		got := request(t, "GET", "/static/"+name, "Accept-Encoding", "gzip, deflate, br, zstd")
		n := len(body(t, got.Body))
		encoding := got.Header.Get("Content-Encoding")
		if encoding != "br" {
			t.Errorf(`%s: the encoding is %q, want "br"`, name, encoding)
		}
		if n != len(a.brotli) {
			t.Errorf("%s: got %d bytes, want %d", name, n, len(a.brotli))
		}
		if a.gzipped != nil && n >= len(a.gzipped) {
			t.Errorf("%s: got %d bytes, want fewer than the %d of gzip", name, n, len(a.gzipped))
		}
	}
	if got := request(t, "GET", URL("app.css"), "Accept-Encoding", "gzip, br;q=0"); got.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("a client that refuses brotli gets %v", got.Header)
	}
}

func TestARangeIsOfThePlainBytes(t *testing.T) {
	whole := body(t, request(t, "GET", URL("icons.svg")).Body)
	part := request(t, "GET", URL("icons.svg"), "Range", "bytes=5-14", "Accept-Encoding", "gzip")
	if part.StatusCode != http.StatusPartialContent {
		t.Fatalf("the status for a range is %d", part.StatusCode)
	}
	if got := body(t, part.Body); got != whole[5:15] {
		t.Errorf("got %q, want %q", got, whole[5:15])
	}
}

func TestHeadHasTheLengthButNoBody(t *testing.T) {
	for _, encoding := range []string{"", "gzip"} {
		head := request(t, "HEAD", URL("app.js"), "Accept-Encoding", encoding)
		get := request(t, "GET", URL("app.js"), "Accept-Encoding", encoding)
		if head.StatusCode != 200 {
			t.Errorf("HEAD: the status is %d, want 200", head.StatusCode)
		}
		if got := body(t, head.Body); got != "" {
			t.Errorf(`HEAD: got %q, want ""`, got)
		}
		n := head.Header.Get("Content-Length")
		if n == "" {
			t.Error("the length for HEAD is empty")
		}
		if n != get.Header.Get("Content-Length") {
			t.Errorf("the length for HEAD is %q, want that for GET, %q", n, get.Header.Get("Content-Length"))
		}
	}
}

func TestAnUnknownFileIsNotFound(t *testing.T) {
	for _, address := range []string{"/static/", "/static/none.css", "/static/app.000000000000.css", "/static/../static.go", "/static/dist/app.css", "/elsewhere"} {
		got := request(t, "GET", address)
		if got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: the status is %d, want %d", address, got.StatusCode, http.StatusNotFound)
		}
		if value := got.Header.Get("Cache-Control"); value != "no-store" {
			t.Errorf(`%s: Cache-Control is %q, want "no-store"`, address, value)
		}
	}
	if got := request(t, "POST", URL("app.css")); got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", got.StatusCode)
	}
}

func TestURLPanicsForAnUnknownFile(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic for an asset that does not exist")
		}
	}()
	URL("ap.css")
}

func TestAFirstVisitToTheListIsSmall(t *testing.T) {
	sum, script := 0, 0
	for _, name := range []string{"app.css", "app.js", "list.js", "icons.svg", "favicon.svg"} {
		a := assets()[name]
		if strings.HasSuffix(name, ".js") {
			script += len(a.gzipped)
		}
		sum += len(a.gzipped)
	}
	if script > 20_000 {
		t.Errorf("the compressed scripts of the list of tickets have %d bytes", script)
	}
	if sum > 45_000 { // of 60 KB; the rest is for the page
		t.Errorf("the compressed assets have %d bytes", sum)
	}
}

func TestTheScriptsOfATicketPageAreSmall(t *testing.T) {
	got := len(assets()["app.js"].brotli) + len(assets()["ticket.js"].brotli)
	if want := 20 << 10; got > want {
		t.Errorf("the scripts have %d bytes with Brotli, want at most %d", got, want)
	}
}
