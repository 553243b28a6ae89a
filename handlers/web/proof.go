package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/views/ui"
)

// A form proves with a parameter of its address that it is on a page of the desk. This is for
// browsers without Sec-Fetch-Site and Origin on pages whose address has a query: lynx sends no
// Referer from those. The proof is a signature of the session's token, which other sites do not
// know. See [Origins.crossOrigin].

// formProof returns the proof for the forms of a page, or "" if the browser does not need it.
func (o *Origins) formProof(c echo.Context) string {
	r := c.Request()
	if r.URL.RawQuery == "" || r.Header.Get("Sec-Fetch-Site") != "" {
		return ""
	}
	return o.cookies.signer.proof(ui.ProofField, o.cookies.SessionToken(c))
}

// isProven reports whether the address of a request has the proof of its session.
func (o *Origins) isProven(r *http.Request, token string) bool {
	given := r.URL.Query().Get(ui.ProofField)
	return given != "" && token != "" && o.cookies.signer.proves(given, ui.ProofField, token)
}

// pageCookie is the name of the cookie that a page with a secret in its address sets, see
// [Origins.isFormOfSecretPage].
const pageCookie = "frontdesk_page"

// SecretPage sets the headers of a page whose path has a token: no request names the address, and
// nothing stores the page (OWASP Forgot Password Cheat Sheet; ASVS 5.0, 14.2.1).
func (o *Origins) SecretPage(c echo.Context) {
	h := c.Response().Header()
	h.Set(echo.HeaderReferrerPolicy, "no-referrer")
	h.Set(echo.HeaderCacheControl, "no-store")
	c.SetCookie(o.cookies.New(o.cookies.name(pageCookie), o.cookies.signer.proof(pageCookie, c.Param("token")), 0))
}

// isFormOfSecretPage reports whether a request is the form of a [Origins.SecretPage]. Because of its
// no-referrer, browsers send "Origin: null" with the form (Fetch, "append a request Origin
// header"), and over http they do not send Sec-Fetch-Site either. The cookie shows that the form is
// not from another site, because browsers send none with SameSite=Lax from there.
func (o *Origins) isFormOfSecretPage(c echo.Context) bool {
	h := c.Request().Header
	if h.Get("Sec-Fetch-Site") != "" || h.Get("Origin") != "null" || !strings.Contains(c.Path(), "/:token") {
		return false
	}
	cookie, err := c.Cookie(o.cookies.name(pageCookie))
	return err == nil && o.cookies.signer.proves(cookie.Value, pageCookie, c.Param("token"))
}
