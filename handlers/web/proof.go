package web

import (
	"net/http"

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
