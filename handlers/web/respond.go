package web

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/klauspost/compress/gzip"
	"github.com/labstack/echo/v4"

	"frontdesk/internal/accept"
	"frontdesk/views"
)

// All knowledge of htmx's headers is here; its attributes are the views'.

// IsPartial reports whether htmx wants a fragment. For a boosted page or a
// return through history it wants the whole (and says so, or nothing).
func IsPartial(c echo.Context) bool {
	h := c.Request().Header
	return h.Get("HX-Request") == "true" && h.Get("HX-Request-Type") == "partial"
}

// WantsJSON reports whether the client is a script: its Accept field names JSON,
// and does not name HTML with the same weight or a greater one.
func WantsJSON(c echo.Context) bool {
	values := c.Request().Header.Values(echo.HeaderAccept)
	json, named := accept.MediaType(values, echo.MIMEApplicationJSON)
	html, htmlNamed := accept.MediaType(values, echo.MIMETextHTML)
	return named && json > 0 && !(htmlNamed && html >= json)
}

// wantsHTML reports whether the client names HTML in its Accept field, as browsers
// do for a page that is opened, and not for an image or a script's request.
func wantsHTML(r *http.Request) bool {
	q, named := accept.MediaType(r.Header.Values(echo.HeaderAccept), echo.MIMETextHTML)
	return named && q > 0
}

// isHtmx reports whether htmx and not the browser made the request.
func isHtmx(c echo.Context) bool { return c.Request().Header.Get("HX-Request") == "true" }

var Buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Render answers with a page, or, where htmx wants a part, with its named
// fragments alone. A word about the last deed goes with either.
func (s *Env) Render(c echo.Context, status int, page templ.Component, fragments ...any) error {
	b := Buffers.Get().(*bytes.Buffer)
	defer Buffers.Put(b)
	b.Reset()
	h := c.Response().Header()
	h.Add(echo.HeaderVary, "HX-Request, HX-Request-Type")
	ctx := c.Request().Context()
	f := *views.FrameOf(ctx)
	f.Flash = s.takeFlash(c)
	ctx = views.WithFrame(ctx, f)
	var err error
	if IsPartial(c) && len(fragments) > 0 {
		err = s.renderParts(ctx, b, page, f.Flash, fragments)
	} else {
		err = page.Render(ctx, b)
	}
	if err != nil {
		return err
	}
	return s.send(c, status, AsText(b.Bytes()))
}

// RenderUnasked answers a script that asks by itself what is new. The word about
// the last deed is for the page that somebody is waiting for: it stays.
func (s *Env) RenderUnasked(c echo.Context, parts templ.Component) error {
	b := Buffers.Get().(*bytes.Buffer)
	defer Buffers.Put(b)
	b.Reset()
	c.Response().Header().Add(echo.HeaderVary, "HX-Request, HX-Request-Type")
	if err := parts.Render(c.Request().Context(), b); err != nil {
		return err
	}
	return s.send(c, http.StatusOK, AsText(b.Bytes()))
}

// AsText is html with the sign for what is no character where somebody's NUL
// or invalid UTF-8 comes back beside the word that it cannot be kept.
func AsText(html []byte) []byte {
	if utf8.Valid(html) && bytes.IndexByte(html, 0) < 0 {
		return html
	}
	return bytes.ReplaceAll(bytes.ToValidUTF8(html, []byte("\ufffd")), []byte{0}, []byte("\ufffd"))
}

// send writes HTML from memory, with its length.
func (s *Env) send(c echo.Context, status int, html []byte) error {
	return SendCoded(c, status, echo.MIMETextHTMLCharsetUTF8, html)
}

// SendCoded writes a body from memory, with its length, in the content coding
// that the client prefers.
func SendCoded(c echo.Context, status int, contentType string, body []byte) error {
	h := c.Response().Header()
	h.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
	if TakesGzip(c.Request(), len(body)) {
		b := Buffers.Get().(*bytes.Buffer)
		defer Buffers.Put(b)
		b.Reset()
		if err := compress(b, body); err != nil {
			return err
		}
		h.Set(echo.HeaderContentEncoding, GzipCoding)
		body = b.Bytes()
	}
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(body)))
	return c.Blob(status, contentType, body)
}

const GzipCoding = "gzip"

// TakesGzip reports whether an answer of size bytes is sent compressed. A short
// one is, only where the client refuses bytes that are not.
func TakesGzip(r *http.Request, size int) bool {
	values := r.Header.Values(echo.HeaderAcceptEncoding)
	return accept.Coding(values, GzipCoding) == GzipCoding && (size >= worthGzip || !accept.TakesIdentity(values))
}

func compress(to io.Writer, body []byte) error {
	z := Gzips.Get().(*gzip.Writer)
	defer Gzips.Put(z)
	z.Reset(to)
	if _, err := z.Write(body); err != nil {
		return err
	}
	return z.Close()
}

// worthGzip is where compressing begins to save a packet.
const worthGzip = 1400

// Gzips compress at level 4: a list of 50 rows costs half of level 6 there and grows by 4 %.
var Gzips = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, 4)
	if err != nil {
		panic(err) // the level is a constant
	}
	return z
}}

func (s *Env) renderParts(ctx context.Context, b *bytes.Buffer, page templ.Component, flash views.Flash, fragments []any) error {
	if err := templ.RenderFragments(ctx, b, page, fragments...); err != nil {
		return err
	}
	if flash.Text == "" {
		return nil
	}
	return views.Toast(flash).Render(ctx, b)
}

// Done answers a deed: a word about it, and 303 to the page that shows it.
// htmx follows by itself and asks for the fragment of that page.
func (s *Env) Done(c echo.Context, to, flash string) error {
	if flash != "" {
		s.Flash(c, "ok", flash)
	}
	return SeeOther(c, to)
}

// redirect sends somebody to a page that must be shown whole.
func (s *Env) redirect(c echo.Context, to string) error {
	if isHtmx(c) {
		c.Response().Header().Set("HX-Redirect", bounded(to))
		return c.NoContent(http.StatusUnauthorized)
	}
	return SeeOther(c, to)
}

// SeeOther redirects with 303.
func SeeOther(c echo.Context, to string) error {
	return c.Redirect(http.StatusSeeOther, bounded(to))
}

// MaxLocation is how long an address in a header may be, in bytes. Proxies take
// 4 KiB of headers, the others included, and answer 502 to more.
const MaxLocation = 2000

// bounded returns an address that goes into a header: without its query where it
// is too long, and the front page where it is too long even then.
func bounded(to string) string {
	if len(to) > MaxLocation {
		to, _, _ = strings.Cut(to, "?")
	}
	if len(to) > MaxLocation {
		return "/"
	}
	return to
}

// WithNext returns the address of a page that leads on to next. Where that is too
// long, it leads on to next without its query, or to nothing.
func WithNext(page, next string) string {
	path, _, _ := strings.Cut(next, "?")
	for _, next := range []string{next, path} {
		if to := page + "?next=" + url.QueryEscape(next); len(to) <= MaxLocation {
			return to
		}
	}
	return page
}

// LocalPath returns next if it is a path of this desk, and otherwise fallback.
// Browsers read a backslash as a slash and drop tabs and line ends, so that
// "/\evil.example" and "/\t/evil.example" lead elsewhere.
func LocalPath(next, fallback string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || len(next) > 2000 ||
		strings.ContainsFunc(next, func(r rune) bool { return r < 0x20 || r == '\\' || r == 0x7f }) {
		return fallback
	}
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") {
		return fallback
	}
	return next
}
