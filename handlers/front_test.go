package handlers

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/limit"
)

// again starts a second server of the same desk with another configuration.
func (a *app) again(cfg Config) *app {
	a.t.Helper()
	cfg.Desk, cfg.DeskName = a.desk, cmp.Or(cfg.DeskName, "Frontdesk")
	h, err := New(cfg)
	if err != nil {
		a.t.Fatal(err)
	}
	b := &app{t: a.t, desk: a.desk, pool: a.pool, srv: serve(h)}
	a.t.Cleanup(b.srv.Close)
	return b
}

func TestAFrozenDatabaseIsA503WithinSeconds(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	tx, err := a.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(t.Context(), "lock table sessions in access exclusive mode"); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	got := c.get("/account").wants(t, 503, "Temporarily unavailable")
	if value := got.Header.Get("Retry-After"); value == "" {
		t.Error("Retry-After is empty")
	}
	if got := time.Since(start); got > 4*time.Second {
		t.Errorf("got %s, want at most %s", got, 4*time.Second)
	}
	c.get("/health").wants(t, 200)
}

func TestARequestWithoutASessionIsSentToSignIn(t *testing.T) {
	a := newApp(t)
	c := a.visitor()
	if got := c.get("/account", htmx...).wants(t, 401); got.Header.Get("HX-Redirect") != "/login?next=%2Faccount" {
		t.Errorf("htmx is sent to %q", got.Header.Get("HX-Redirect"))
	}
	c.post("/account/theme", nil, "Accept", "application/json").wants(t, 401, `"error":"You have been signed out.`)
	c.get("/account?x=1").leadsTo(t, "/login?next=%2Faccount%3Fx%3D1")
}

func TestAnErrorOfAnHtmxRequestIsAToast(t *testing.T) {
	a := newApp(t)
	admin := a.admin("Priya")
	got := admin.post("/admin/users/"+strconv.FormatInt(admin.id, 10)+"/role", url.Values{"role": {"customer"}}, htmx...).wants(t, 409)
	if !strings.Contains(got.body, "hx-partial") {
		t.Errorf("the answer replaces the content of the page: %s", got.body)
	}
}

func TestForwardedAddressesAreTrustedOnlyFromConfiguredProxies(t *testing.T) {
	limits := limit.Defaults
	limits.SignIn = limit.Limit{N: 1, Per: time.Hour}
	a := newApp(t, func(o *desk.Options) { o.Limits = limits })
	try := func(b *app, email, from string) int {
		return b.visitor().post("/login", url.Values{"email": {email}, "password": {"x"}}, "X-Forwarded-For", from).StatusCode
	}
	first, second := try(a, "a@x.org", "198.51.100.1"), try(a, "b@x.org", "198.51.100.2")
	if first != 401 {
		t.Errorf("the header of an unknown peer is trusted: first is %d, want 401", first)
	}
	if second != 429 {
		t.Errorf("the header of an unknown peer is trusted: second is %d, want 429", second)
	}
	b := a.again(Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	first, second = try(b, "c@x.org", "198.51.100.1"), try(b, "d@x.org", "198.51.100.2")
	if first != 401 {
		t.Errorf("the header of a configured proxy is not trusted: first is %d, want 401", first)
	}
	if second != 401 {
		t.Errorf("the header of a configured proxy is not trusted: second is %d, want 401", second)
	}
}

func TestARequestHasAnIdOfItsOwnWhateverItsClientSends(t *testing.T) {
	a := newApp(t)
	sent := strings.Repeat("f", 16)
	first := a.visitor().get("/login", "X-Request-Id", sent).Header.Get("X-Request-Id")
	if first == sent {
		t.Errorf("got the client's id %s, want another", first)
	}
	if len(first) != 16 {
		t.Errorf("got the id %q, want 16 digits", first)
	}
	if second := a.visitor().get("/login").Header.Get("X-Request-Id"); second == first {
		t.Errorf("two requests got the id %s", first)
	}
}

func TestAPanicWithAnErrorOfTheDomainIsStillAFailure(t *testing.T) {
	a := newApp(t)
	b := a.again(Config{Ready: func(context.Context) error { panic(fault.ErrNotFound) }})
	b.visitor().get("/ready").wants(t, 500, "Something went wrong on our side")
}

func TestAPanicFailsOneRequestOnly(t *testing.T) {
	a := newApp(t)
	var log bytes.Buffer
	b := a.again(Config{Log: slog.New(slog.NewTextHandler(&log, nil)), Ready: func(context.Context) error { panic("boom") }})
	got := b.visitor().get("/ready").wants(t, 500, "Something went wrong on our side")
	if !strings.Contains(log.String(), "boom") {
		t.Errorf("the cause is not in the log: %s", log.String())
	}
	if strings.Contains(got.body, "boom") {
		t.Error("the page shows internals")
	}
}

func TestPagesAreCompressedIfTheBrowserAcceptsIt(t *testing.T) {
	a := newApp(t)
	plain := a.visitor().get("/", "Accept-Encoding", "identity")
	for accepted, want := range map[string]string{"gzip": "gzip", "zstd": "zstd", "gzip, deflate, br, zstd": "zstd", "gzip, deflate, br": "gzip"} {
		packed := a.visitor().get("/", "Accept-Encoding", accepted)
		if got := packed.Header.Get("Content-Encoding"); got != want {
			t.Errorf("%s: Content-Encoding is %q, want %q", accepted, got, want)
		}
		if got := packed.Header.Get("Content-Length"); got != strconv.Itoa(len(packed.body)) {
			t.Errorf("%s: Content-Length is %q, want %d", accepted, got, len(packed.body))
		}
		if raw := uncoded(t, packed.Response, []byte(packed.body)); string(raw) != plain.body {
			t.Errorf("%s: got another page than without compression", accepted)
		}
	}
}

func TestEveryErrorHasItsStatus(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want int
	}{
		{fault.ErrNotFound, 404}, {fault.ErrForbidden, 403}, {fault.ErrKeyReused, 409}, {fault.ErrEmailTaken, 409}, {fault.ErrOwnAccount, 409}, {&desk.Stale{}, 409},
		{fault.ErrTooLarge, 413}, {&http.MaxBytesError{}, 413}, {&fault.Limited{RetryAfter: time.Second}, 429}, {&fault.Invalid{}, 422},
		{&pgconn.PgError{Code: "22021"}, 422}, {&pgconn.PgError{Code: "22P05"}, 422}, {&pgconn.PgError{Code: "57P01"}, 503}, {&pgconn.PgError{Code: "57014"}, 503}, {&pgconn.PgError{Code: "55P03"}, 503},
		{io.ErrUnexpectedEOF, 503}, {syscall.ECONNRESET, 503}, {syscall.EPIPE, 503}, // errors of a lost connection to the database
		{context.DeadlineExceeded, 503}, {context.Canceled, 499}, {errors.New("anything"), 500}, {&pgconn.PgError{Code: "42P01"}, 500},
		{echo.ErrMethodNotAllowed, 405}, {echo.ErrStatusRequestEntityTooLarge, 413},
	} {
		if got := web.Table(fmt.Errorf("while working: %w", c.err)); got.Status != c.want {
			t.Errorf("%v is %d, want %d", c.err, got.Status, c.want)
		}
	}
}

func TestOddPathsAreNotFound(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	for _, path := range []string{
		"/tickets/0", "/tickets/-1", "/tickets/01", "/tickets/1e3", "/tickets/99999999999999999999", "/tickets/%00", "/tickets/%ff", "/tickets/1%2fevents",
		"/tickets/1", "/nowhere", "/static/none.css", "/static/..%2f..%2fgo.mod", "/" + strings.Repeat("a", 8000),
	} {
		if got := c.get(path); got.StatusCode != 404 {
			t.Errorf("%.60s: %d", path, got.StatusCode)
		}
	}
	if got := c.send("DELETE", "/account", nil).wants(t, 405, "That does not work here", "Ana"); !strings.Contains(got.Header.Get("Allow"), "GET") {
		t.Errorf("Allow: %q", got.Header.Get("Allow"))
	}
}

func TestEveryPageHasItsSecurityHeaders(t *testing.T) {
	a := newApp(t)
	got := a.customer("Ana").get("/account").wants(t, 200)
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Content-Security-Policy": web.Csp} {
		if h := got.Header.Get(name); h != want {
			t.Errorf("%s is %q", name, h)
		}
	}
	if got.has("script:not([src]):not([type='text/html'])") {
		t.Error("the page has inline scripts or styles: the page has script:not([src]):not([type='text/html'])")
	}
	if got.has("style") {
		t.Error("the page has inline scripts or styles: the page has style")
	}
	if got.has("[style]") {
		t.Error("the page has inline scripts or styles: the page has [style]")
	}
	if got.has("[onclick]") {
		t.Error("the page has inline scripts or styles: the page has [onclick]")
	}
	for _, path := range []string{"/health", "/ready", "/api/health"} {
		got := a.visitor().get(path).wants(t, 200, `{"ok":true}`)
		if cache := got.Header.Get("Cache-Control"); cache != "no-store" {
			t.Errorf("%s: Cache-Control is %q, want no-store", path, cache)
		}
	}
	a.visitor().get("/nowhere").wants(t, 404, "Page not found")
	a.visitor().send(http.MethodPut, "/login", nil).wants(t, 405)
	if got := a.visitor().head("/login"); got.StatusCode != 200 {
		t.Errorf("HEAD: %d", got.StatusCode)
	}
}

func TestAGetOfAFormActionRedirectsToItsPage(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	at := web.TicketURL(a.opensTicket(ana, "Mine"))
	for path, page := range map[string]string{
		at + "/comments": at, at + "/messages": at, at + "/status": at, at + "/triage": at, "/account/password": "/account",
		"/admin/users/1/sessions": "/admin/users/1", "/admin/categories/1": "/admin/categories", "/logout": "/",
	} {
		priya.get(path).leadsTo(t, page)
	}
	a.visitor().get(at+"/comments").leadsTo(t, at)
	priya.send(http.MethodPut, at+"/comments", nil).wants(t, 405)
}

func TestEveryButtonHasAType(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	at := web.TicketURL(a.opensTicket(ana, "Mine"))
	priya.post(at+"/delete", nil)
	at = web.TicketURL(a.opensTicket(ana, "Another"))
	user := fmt.Sprintf("/admin/users/%d", ana.id)
	for who, paths := range map[*client][]string{
		a.visitor(): {"/", "/login", "/register"},
		ana:         {"/tickets", "/tickets/new", at, at + "/edit", at + "/delete", "/account"},
		priya:       {"/dashboard", "/tickets", at, "/admin/users", "/admin/users/new", user, user + "/role", user + "/disabled", user + "/password", "/admin/categories", "/admin/trash"},
	} {
		for _, path := range paths {
			page := who.get(path).wants(t, 200)
			if n := page.doc.Find("button:not([type])").Length(); n > 0 {
				t.Errorf("%s has %d buttons without a type", path, n)
			}
			if page.doc.Find("meta[name=description]").AttrOr("content", "") == "" {
				t.Errorf("%s has no description", path)
			}
			if got := page.text("#zone"); got != "Times are in UTC." {
				t.Errorf("%s: the zone is %q, want UTC", path, got)
			}
			page.doc.Find("select[required]").Each(func(_ int, s *goquery.Selection) {
				value, has := s.Find("option").First().Attr("value")
				if !has {
					t.Errorf("%s: the first option has no value", path)
				}
				if value != "" {
					t.Errorf(`%s: the first option has the value %q, want ""`, path, value)
				}
			})
			if strings.Contains(page.body, "#after-") {
				t.Errorf("%s: a form leaves #after- in the address", path)
			}
		}
	}
}

func TestTheSignInFormHasTheFocusAndExplainsLostPasswords(t *testing.T) {
	a := newApp(t)
	page := a.visitor().get("/login").wants(t, 200, "Forgot your password?")
	if !page.has("#email[autofocus]") {
		t.Error("the address field does not have the focus")
	}
	a.visitor().post("/login", url.Values{"email": {"x@example.org"}, "password": {"x"}}).lacksElements(t, "[autofocus]").wantsElements(t, "#summary")
	helped := a.again(Config{HelpURL: "https://help.example.org/"}).visitor().get("/login")
	if got := helped.doc.Find("main a[href='https://help.example.org/']").Length(); got != 1 {
		t.Errorf("got %d links to contact staff, want 1", got)
	}
}
