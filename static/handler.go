package static

import (
	"bytes"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// forever is the longest that caches are asked to keep a thing: a year, in seconds.
const forever = "public, max-age=31536000, immutable"

// Handler serves what stands under /static/: a hashed address may be kept for
// ever, a plain name is asked for again each time, anything else is not found.
// It answers GET and HEAD, ranges, and If-None-Match.
func Handler() http.Handler { return http.HandlerFunc(serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET and HEAD work here.", http.StatusMethodNotAllowed)
		return
	}
	name, found := strings.CutPrefix(r.URL.Path, "/static/")
	a, ok := assets()[name]
	if !found || !ok {
		h.Set("Cache-Control", "no-store")
		http.Error(w, "There is no such file.", http.StatusNotFound)
		return
	}
	h.Set("Cache-Control", "no-cache")
	if name == path.Base(a.url) {
		h.Set("Cache-Control", forever)
	}
	h.Set("Content-Type", a.contentType)
	h.Set("Vary", "Accept-Encoding")
	a.send(w, r)
}

// send prefers the smallest that the client takes; a range is cut from the plain
// bytes, so that its offsets mean what the client thinks they mean.
func (a *asset) send(w http.ResponseWriter, r *http.Request) {
	content, h := a.plain, w.Header()
	h.Set("ETag", a.etag)
	for _, packed := range []struct {
		coding string
		bytes  []byte
	}{{"br", a.brotli}, {"gzip", a.gzipped}} {
		if packed.bytes == nil || r.Header.Get("Range") != "" || !accepts(r.Header.Get("Accept-Encoding"), packed.coding) {
			continue
		}
		content = packed.bytes
		h.Set("Content-Encoding", packed.coding)
		h.Set("Content-Length", strconv.Itoa(len(content)))
		h.Set("ETag", strings.TrimSuffix(a.etag, `"`)+"-"+packed.coding+`"`)
		break
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// accepts reads an Accept-Encoding header; "gzip;q=0" refuses.
func accepts(header, coding string) bool {
	for _, item := range strings.Split(header, ",") {
		name, params, _ := strings.Cut(item, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		weight, found := strings.CutPrefix(strings.ReplaceAll(strings.TrimSpace(params), " ", ""), "q=")
		q, err := strconv.ParseFloat(weight, 64)
		return !found || (err == nil && q > 0)
	}
	return false
}
