package web

import (
	"strings"

	"github.com/labstack/echo/v4"
)

// pageCookie is the name of the cookie that a page with a secret in its address sets, see
// [Env.isFormOfSecretPage].
const pageCookie = "frontdesk_page"

// SecretPage sets the headers of a page whose path has a token: no request names the address, and
// nothing stores the page (OWASP Forgot Password Cheat Sheet; ASVS 5.0, 14.2.1).
func (s *Env) SecretPage(c echo.Context) {
	h := c.Response().Header()
	h.Set(echo.HeaderReferrerPolicy, "no-referrer")
	h.Set(echo.HeaderCacheControl, "no-store")
	c.SetCookie(s.Cookies.New(s.Cookies.name(pageCookie), s.Cookies.signer.proof(pageCookie, c.Param("token")), 0))
}

// isFormOfSecretPage reports whether a request is the form of a [Env.SecretPage]. Because of its
// no-referrer, browsers send "Origin: null" with the form (Fetch, "append a request Origin
// header"), and over http they do not send Sec-Fetch-Site either. The cookie shows that the form is
// not from another site, because browsers send none with SameSite=Lax from there.
func (s *Env) isFormOfSecretPage(c echo.Context) bool {
	h := c.Request().Header
	if h.Get("Sec-Fetch-Site") != "" || h.Get("Origin") != "null" || !strings.Contains(c.Path(), "/:token") {
		return false
	}
	cookie, err := c.Cookie(s.Cookies.name(pageCookie))
	return err == nil && s.Cookies.signer.proves(cookie.Value, pageCookie, c.Param("token"))
}
