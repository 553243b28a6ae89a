package web

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"frontdesk/internal/accept"
	"frontdesk/views/ui"
)

// The headers of htmx are read and written in this file only. Its attributes are in views.

// IsPartial reports whether htmx requests a fragment. For a boosted link, or a page of the
// history, it requests the whole page.
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

// Buffers has buffers for rendering.
var Buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Render writes the page, or only the named fragments if the request is from htmx. Both
// include the flash. Only pages have the list of views.
func (s *Env) Render(c echo.Context, status int, page templ.Component, fragments ...any) error {
	return s.render(c, status, page, !IsPartial(c), fragments)
}

// RenderWithViews is [Env.Render] for fragments that have the list of views as well.
func (s *Env) RenderWithViews(c echo.Context, status int, page templ.Component, fragments ...any) error {
	return s.render(c, status, page, true, fragments)
}

// render is [Env.Render], with the list of views if withViews is true.
func (s *Env) render(c echo.Context, status int, page templ.Component, withViews bool, fragments []any) error {
	b := Buffers.Get().(*bytes.Buffer)
	defer Buffers.Put(b)
	b.Reset()
	h := c.Response().Header()
	h.Add(echo.HeaderVary, "HX-Request, HX-Request-Type")
	ctx := c.Request().Context()
	f := *ui.FrameOf(ctx)
	if status == http.StatusOK { // not on the page of an error: what was typed may be shown by the next try
		s.KeptForms.drop(c)
	}
	f.Flash = s.flashes.take(c)
	if withViews {
		f.Views = s.viewList(ctx, f.Actor)
	}
	ctx = ui.WithFrame(ctx, f)
	var err error
	if IsPartial(c) && len(fragments) > 0 {
		err = renderParts(ctx, b, page, f.Flash, fragments)
	} else {
		err = page.Render(ctx, b)
	}
	if err != nil {
		return err
	}
	s.KeptForms.remove(c)
	return sendHTML(c, status, AsText(b.Bytes()))
}

// RenderBackground answers a request that an open page sent on its own. It does not take the
// flash, which is for the page that the user opens next.
func (s *Env) RenderBackground(c echo.Context, parts templ.Component) error {
	b := Buffers.Get().(*bytes.Buffer)
	defer Buffers.Put(b)
	b.Reset()
	c.Response().Header().Add(echo.HeaderVary, "HX-Request, HX-Request-Type")
	if err := parts.Render(c.Request().Context(), b); err != nil {
		return err
	}
	return sendHTML(c, http.StatusOK, AsText(b.Bytes()))
}

// AsText returns html with U+FFFD in place of NUL and invalid UTF-8, which a refused form
// shows again.
func AsText(html []byte) []byte {
	if utf8.Valid(html) && bytes.IndexByte(html, 0) < 0 {
		return html
	}
	return bytes.ReplaceAll(bytes.ToValidUTF8(html, []byte("\ufffd")), []byte{0}, []byte("\ufffd"))
}

// sendHTML writes HTML.
func sendHTML(c echo.Context, status int, html []byte) error {
	return SendCoded(c, status, echo.MIMETextHTMLCharsetUTF8, html)
}

// renderParts renders the named fragments of a page, and the flash as a toast.
func renderParts(ctx context.Context, b *bytes.Buffer, page templ.Component, flash ui.Flash, fragments []any) error {
	if err := templ.RenderFragments(ctx, b, page, fragments...); err != nil {
		return err
	}
	if flash.Text == "" {
		return nil
	}
	return ui.Toast(flash).Render(ctx, b)
}

// Done answers an action with 303 to a page, which shows flash if it is not "". htmx follows
// the redirect and requests the fragment of that page.
func Done(c echo.Context, to, flash string) error {
	if flash != "" {
		Flash(c, "ok", flash)
	}
	return SeeOther(c, to)
}

// Leave answers an action with another page, which replaces the whole page, also for htmx.
func Leave(c echo.Context, to string) error {
	if isHtmx(c) {
		c.Response().Header().Set("HX-Redirect", bounded(to))
		return c.NoContent(http.StatusNoContent)
	}
	return SeeOther(c, to)
}

// redirect redirects to a page that replaces the whole page, also for htmx.
func redirect(c echo.Context, to string) error {
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

// MaxLocation is the most bytes of an address in a header. Some proxies accept only 4 KiB
// of headers in all, and answer 502 to more.
const MaxLocation = 2000

// bounded returns an address for a header. An address that is too long loses its query; if
// it is still too long, the result is "/".
func bounded(to string) string {
	if len(to) > MaxLocation {
		to, _, _ = strings.Cut(to, "?")
	}
	if len(to) > MaxLocation {
		return "/"
	}
	return to
}

// WithNext returns the address of a page with next as its parameter, or with next without
// its query if that is too long, or without the parameter.
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
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || len(next) > MaxLocation ||
		strings.ContainsFunc(next, func(r rune) bool { return r < 0x20 || r == '\\' || r == 0x7f }) {
		return fallback
	}
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") {
		return fallback
	}
	return next
}
