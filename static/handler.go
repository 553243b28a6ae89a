package static

import (
	"bytes"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"frontdesk/internal/accept"
)

// forever is the Cache-Control of hashed addresses: a year, in seconds.
const forever = "public, max-age=31536000, immutable"

// Handler serves the files under /static/. A hashed address may be cached without limit, a
// plain name must be revalidated, and anything else is not found. It supports GET and HEAD,
// ranges, and If-None-Match.
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

// send writes the asset in the coding that the client prefers. There is no zstd, because
// every browser that accepts it accepts brotli, which is smaller. A range is taken from the
// plain bytes, because its offsets refer to these.
func (a *asset) send(w http.ResponseWriter, r *http.Request) {
	content, h := a.plain, w.Header()
	h.Set("ETag", a.etag)
	if coding := a.coding(r); coding != accept.Identity {
		content = map[string][]byte{"br": a.brotli, "gzip": a.gzipped}[coding]
		h.Set("Content-Encoding", coding)
		h.Set("Content-Length", strconv.Itoa(len(content)))
		h.Set("ETag", strings.TrimSuffix(a.etag, `"`)+"-"+coding+`"`)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// coding returns the content coding of the answer to r.
func (a *asset) coding(r *http.Request) string {
	if r.Header.Get("Range") != "" {
		return accept.Identity
	}
	var offers []string
	if a.brotli != nil {
		offers = append(offers, "br")
	}
	if a.gzipped != nil {
		offers = append(offers, "gzip")
	}
	return accept.Coding(r.Header.Values("Accept-Encoding"), offers...)
}
