package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// access is the permission a route requires. The zero value requires a session.
type access int

const (
	signedIn   access = iota
	admin             // staff only
	public            // no permission; a session is read if there is one
	open              // no permission, and no session is looked up
	fileAccess        // a session, a token, or a signed link to the file

	// unasked is added to routes that open pages request on their own. Such a request does
	// not keep a session from ending. A request for the whole page does.
	unasked access = 1 << 4
	// newPassword is added to routes that are open to a user who has to choose a password first.
	newPassword access = 1 << 5
)

// level returns the access level without flags.
func (a access) level() access { return a &^ (unasked | newPassword) }

// route is one route of the pages.
type route struct {
	method, path string
	access       access
	// form is the path of the page with the form that posts to the route, with the
	// parameters of path; "" for routes without a form.
	form   string
	handle echo.HandlerFunc
}

// router has the routes by path, so that middleware can read their access.
type router struct {
	access map[string]access // of the routes by path, all methods together
	forms  map[string]string // the form's page by path
}

func newRouter(routes []route) router {
	r := router{access: map[string]access{"/static/*": open}, forms: map[string]string{}}
	for _, one := range routes {
		r.access[one.path] |= one.access
		if one.form != "" {
			r.forms[one.path] = one.form
		}
	}
	return r
}

// isOpen reports whether the request's route needs no session.
func (r router) isOpen(c echo.Context) bool { return r.access[c.Path()].level() == open }

// isUnasked reports whether an open page sent the request on its own.
func (r router) isUnasked(c echo.Context) bool {
	return r.access[c.Path()]&unasked != 0 && (isPartial(c) || c.IsWebSocket())
}

// formPage returns the path of the page with the form that the request sent, or "/".
func (r router) formPage(c echo.Context) string {
	page, ok := r.forms[c.Path()]
	if !ok {
		return "/"
	}
	// For a method that the route does not take, Echo gives no parameters.
	typed := strings.Split(c.Request().URL.Path, "/")
	for i, part := range strings.Split(c.Path(), "/") {
		if strings.HasPrefix(part, ":") && i < len(typed) {
			page = strings.Replace(page, part, typed[i], 1)
		}
	}
	return page
}

// pageOf returns the page that a user asked for, or the page with the form that they sent.
func (r router) pageOf(c echo.Context) string {
	switch req := c.Request(); {
	case reads(req) && strings.HasPrefix(req.URL.Path, "/uploads/"):
		return req.URL.EscapedPath() // without the signature of a link that has ended
	case reads(req):
		return req.URL.RequestURI()
	}
	return r.formPage(c)
}

// reads reports whether a request changes nothing.
func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }
