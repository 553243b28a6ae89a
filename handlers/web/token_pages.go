package web

import (
	"strings"

	"github.com/labstack/echo/v4"
)

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
