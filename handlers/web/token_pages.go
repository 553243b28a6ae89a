package web

import (
	"crypto/hmac"
	"net/http"
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
	c.SetCookie(&http.Cookie{Name: s.cookieName(pageCookie), Value: s.pageProof(c), Path: "/", HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
}

// pageProof returns the value of the cookie for the token in the path.
func (s *Env) pageProof(c echo.Context) string {
	return signature(s.signer.keys[0], pageCookie, c.Param("token"))
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
	cookie, err := c.Cookie(s.cookieName(pageCookie))
	return err == nil && hmac.Equal([]byte(cookie.Value), []byte(s.pageProof(c)))
}
