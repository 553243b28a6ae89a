package works

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/klauspost/compress/zstd"

	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/report"
	"frontdesk/cmd/bench/internal/testbed"
	"frontdesk/db/dbseed"
)

// weight adds up what a browser transfers for a first visit to a page, and for
// another visit with what it may cache.
func (b *bench) weight(context.Context) error {
	cookie, err := testbed.SignIn(b.app, dbseed.UserWithFifty)
	if err != nil {
		return err
	}
	for _, page := range []struct{ name, path string }{{"list", "/tickets"}, {"ticket", "/tickets/1"}} {
		v := visitor{addr: b.app.Addr, cookie: cookie, cached: map[string]cachedAnswer{}}
		first, err := v.visit(page.path)
		if err != nil {
			return err
		}
		again, err := v.visit(page.path)
		if err != nil {
			return err
		}
		b.add(first.row("page weight, first visit to the "+page.name).Wants("≤ 60 KiB, script ≤ 20", first.total <= 60<<10 && first.script <= 20<<10),
			again.row("page weight, another visit to the "+page.name).Wants("≤ 10 KiB", again.total <= 10<<10))
	}
	return nil
}

// visitor is a browser that caches answers and revalidates them as HTTP says.
type visitor struct {
	addr, cookie string
	cached       map[string]cachedAnswer
}

type cachedAnswer struct {
	fresh    bool   // it need not be requested again
	tag      string // its ETag, for If-None-Match
	modified string // its Last-Modified, for If-Modified-Since
}

// transferred is the size of bodies in bytes as they are sent, compressed or not.
type transferred struct {
	total, script, page int
	requests            int
}

func (t transferred) row(work string) report.Row {
	return report.Row{Work: work, Value: fmt.Sprintf("%.1f KiB in %d requests, script %.1f, page %.1f", report.KiB(t.total), t.requests, report.KiB(t.script), report.KiB(t.page)),
		Figures: map[string]float64{"transferred_bytes": float64(t.total), "script_bytes": float64(t.script), "page_bytes": float64(t.page), "requests": float64(t.requests)}}
}

var (
	asset   = regexp.MustCompile(`(?:src|href)="(/static/[^"#]+)`)
	inStyle = regexp.MustCompile(`url\(["']?(/static/[^"')#]+)`)
)

// visit fetches a page and every asset that the page or its stylesheets name.
func (v visitor) visit(path string) (t transferred, err error) {
	body, err := v.fetch(path, &t)
	if err != nil {
		return t, err
	}
	t.page = t.total
	todo, seen := asset.FindAllStringSubmatch(body, -1), map[string]bool{}
	for len(todo) > 0 {
		name := todo[0][1]
		if todo = todo[1:]; seen[name] {
			continue
		}
		seen[name] = true
		before := t.total
		if body, err = v.fetch(name, &t); err != nil {
			return t, err
		}
		switch file, _, _ := strings.Cut(name, "?"); {
		case strings.HasSuffix(file, ".js"):
			t.script += t.total - before
		case strings.HasSuffix(file, ".css"):
			todo = append(todo, inStyle.FindAllStringSubmatch(body, -1)...)
		}
	}
	return t, nil
}

// fetch requests a path unless it is cached and adds the body's size to t. It
// returns the body, or an empty text if it is cached.
func (v visitor) fetch(path string, t *transferred) (string, error) {
	have := v.cached[path]
	if have.fresh {
		return "", nil
	}
	req, err := http.NewRequest(http.MethodGet, "http://"+v.addr+path, nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Cookie", v.cookie)
	req.Header.Set("Accept-Encoding", load.Browser)
	for name, value := range map[string]string{"If-None-Match": have.tag, "If-Modified-Since": have.modified} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	t.requests++
	t.total += len(raw)
	if resp.StatusCode == http.StatusNotModified {
		return "", nil
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s", path, resp.Status)
	}
	v.cache(path, resp.Header)
	return unpacked(resp.Header, string(raw))
}

// cache stores an answer if a browser may do so.
func (v visitor) cache(path string, h http.Header) {
	control := h.Get("Cache-Control")
	if strings.Contains(control, "no-store") {
		return
	}
	v.cached[path] = cachedAnswer{tag: h.Get("ETag"), modified: h.Get("Last-Modified"),
		fresh: strings.Contains(control, "max-age=") && !strings.Contains(control, "max-age=0") && !strings.Contains(control, "no-cache")}
}

// unpacked returns a page without its compression. It returns other files unchanged.
func unpacked(h http.Header, raw string) (string, error) {
	if h.Get("Content-Encoding") != "zstd" {
		return raw, nil
	}
	z, err := zstd.NewReader(strings.NewReader(raw))
	if err != nil {
		return "", err
	}
	defer z.Close()
	plain, err := io.ReadAll(z)
	return string(plain), err
}
