package web

import (
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/views/ui"
)

// Access is the requirement of a route: a level, flags, and a permission, see [Needs]. The zero
// value requires a session.
type Access int

const (
	SignedIn   Access = iota // a session, or a token for the API
	Public                   // no permission; a session is read if there is one
	Open                     // no permission, and no session is looked up
	FileAccess               // a session, a token, or a signed link to the file

	// Background is added to routes that open pages request on their own. Such a request does
	// not keep a session from ending. A request for the whole page does.
	Background Access = 1 << 4
	// NewPassword is added to routes that are open to a user who has to choose a password first.
	NewPassword Access = 1 << 5
	// LongBody is added to routes without a session that take more than [SmallBody], because they
	// check the client in another way.
	LongBody Access = 1 << 6

	permissionShift = 8 // the position of the permission that a route requires besides a session
)

// Needs returns the access of a route that requires a session, and a permission of its user.
func Needs(p account.Permission) Access { return SignedIn | Access(p)<<permissionShift }

// Permission returns the permission that a route requires, or 0 if it requires none.
func (a Access) Permission() account.Permission { return account.Permission(a >> permissionShift) }

// allows reports whether the actor has the permission that a route requires.
func (a Access) allows(actor account.Actor) bool {
	return a.Permission() == 0 || actor.Can(a.Permission())
}

// Level returns the access level, without flags and permission.
func (a Access) Level() Access { return a & (Background - 1) }

// isForVisitors reports whether a route is for clients that show no session and no token.
func (a Access) isForVisitors() bool {
	return (a.Level() == Public || a.Level() == Open) && a&LongBody == 0
}

// Route is one route of the pages.
type Route struct {
	Method, Path string
	Access       Access
	// Form is the path of the page with the form that posts to the route, with the
	// parameters of path; "" for routes without a form.
	Form   string
	Handle echo.HandlerFunc
}

// Router has what middleware needs to know of the routes, by path.
type Router struct {
	open       map[string]bool   // whether all routes of the path are open
	background map[string]bool   // whether open pages request a route of the path on their own
	visitors   map[string]bool   // whether all routes of the path that change something are for visitors
	forms      map[string]string // the form's page
}

func newRouter() *Router {
	return &Router{open: map[string]bool{}, background: map[string]bool{}, visitors: map[string]bool{}, forms: map[string]string{}}
}

// Add adds a route of the pages. All routes are added before the first request.
func (r *Router) Add(one Route) {
	r.AddEndpoint(one.Method, one.Path, one.Access)
	open, known := r.open[one.Path]
	r.open[one.Path] = one.Access.Level() == Open && (open || !known)
	r.background[one.Path] = r.background[one.Path] || one.Access&Background != 0
	if one.Form != "" {
		r.forms[one.Path] = one.Form
	}
}

// AddEndpoint adds a route of the API, for which no session is read.
func (r *Router) AddEndpoint(method, path string, access Access) {
	if !isRead(method) {
		visitors, known := r.visitors[path]
		r.visitors[path] = access.isForVisitors() && (visitors || !known)
	}
}

// isForVisitors reports whether visitors without an account may change something by the
// request's route.
func (r *Router) isForVisitors(c echo.Context) bool { return r.visitors[c.Path()] }

// isOpen reports whether the request's route needs no session.
func (r *Router) isOpen(c echo.Context) bool { return r.open[c.Path()] }

// isBackground reports whether an open page sent the request on its own.
func (r *Router) isBackground(c echo.Context) bool {
	return r.background[c.Path()] && (IsPartial(c) || c.IsWebSocket())
}

// formPage returns the path of the page with the form that the request sent, or "/".
func (r *Router) formPage(c echo.Context) string {
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

// formAddress returns the address of [Router.formPage] with the query of the request, such as the
// view in which a ticket was opened.
func (r *Router) formAddress(c echo.Context) string {
	page := (&url.URL{Path: r.formPage(c)}).EscapedPath()
	if page == "/" {
		return page
	}
	query := maps.Clone(c.QueryParams())
	query.Del(ui.ProofField)
	return ui.WithQuery(page, query)
}

// pageOf returns the page that a user asked for, or the page with the form that they sent.
func (r *Router) pageOf(c echo.Context) string {
	switch req := c.Request(); {
	case reads(req) && strings.HasPrefix(req.URL.Path, "/uploads/"):
		return req.URL.EscapedPath() // without the signature of a link that has ended
	case reads(req):
		return req.URL.RequestURI()
	}
	return r.formAddress(c)
}

// reads reports whether a request changes nothing.
func reads(r *http.Request) bool { return isRead(r.Method) }

// isRead reports whether requests with the method change nothing.
func isRead(method string) bool { return method == http.MethodGet || method == http.MethodHead }
