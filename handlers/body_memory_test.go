package handlers

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
)

// withheldText sends the header of a request with a body of length bytes, but only the first
// sent bytes of the body. It returns the open connection.
func (a *app) withheldText(path, header string, length, sent int) net.Conn {
	a.t.Helper()
	addr := strings.TrimPrefix(a.srv.URL, "http://")
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\n%sContent-Length: %d\r\n\r\n%s", path, addr, a.srv.URL, header, length, strings.Repeat("a", sent))
	return conn
}

// visitorRoutes returns the routes by which visitors without an account may change something, as
// method and path.
func visitorRoutes() (all [][2]string) {
	s := withoutDesk()
	add := func(method, path string, access web.Access) {
		if isPublic := access.Level() == web.Public || access.Level() == web.Open; isPublic && method != http.MethodGet {
			all = append(all, [2]string{method, path})
		}
	}
	for _, r := range s.pageRoutes() {
		add(r.Method, r.Path, r.Access)
	}
	for _, r := range s.apiRoutes() {
		add(r.Method, "/api"+r.Path, r.Access)
	}
	return all
}

func TestALongBodyOfAVisitorIsRefused(t *testing.T) {
	a := newApp(t)
	routes := visitorRoutes()
	for _, r := range routes {
		path, kind := strings.Replace(r[1], ":token", strings.Repeat("a", 26), 1), echo.MIMEApplicationForm
		if strings.HasPrefix(path, "/api") {
			kind = echo.MIMEApplicationJSON
		}
		text := strings.Repeat("a", web.SmallBody+1)
		for how, body := range map[string]io.Reader{"at once": strings.NewReader(text), "in chunks": io.MultiReader(strings.NewReader(text))} {
			if got := a.visitor().send(r[0], path, body, "Content-Type", kind); got.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("%s %s with %d bytes %s: got %d, want 413", r[0], r[1], len(text), how, got.StatusCode)
			}
		}
	}
	if len(routes) < 11 {
		t.Errorf("%d routes were tried, want at least 11", len(routes))
	}
}

func TestOtherRoutesReadALongBody(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Hers")
	padding := strings.Repeat("x", web.SmallBody)
	ana.send("POST", web.TicketURL(id)+"/comments", strings.NewReader("text=hello&padding="+padding), "Content-Type", echo.MIMEApplicationForm).wants(t, 303)
	for _, path := range []string{"/tickets", "/api/tickets", web.SocketIOPath + "/?EIO=4&transport=polling&sid=unknown"} {
		if got := a.visitor().send("POST", path, strings.NewReader(padding+"x"), "Content-Type", echo.MIMETextPlain); got.StatusCode == http.StatusRequestEntityTooLarge {
			t.Errorf("%s with %d bytes: got 413", path, len(padding)+1)
		}
	}
}

func TestTheLongestFormOfAVisitorIsRead(t *testing.T) {
	a := newApp(t)
	a.customer("Ana")
	for _, fill := range []int{0, 1} {
		form := "email=ana%40example.org&password=" + strings.Replace(password, " ", "+", -1) + "&padding="
		form += strings.Repeat("x", web.SmallBody-len(form)-fill)
		a.visitor().send("POST", "/login", strings.NewReader(form), "Content-Type", echo.MIMEApplicationForm).wants(t, 303)
	}
}

func TestTheNumberOfLongTextsInMemoryIsLimited(t *testing.T) {
	a := newApp(t)
	ana, ben := a.customer("Ana"), a.customer("Ben")
	id, his := a.opensTicket(ana, "Hers"), a.opensTicket(ben, "His")
	program := ana.program()
	var conns []net.Conn
	for i := range 4 {
		head := "Content-Type: " + echo.MIMEApplicationForm + "\r\nCookie: " + ana.cookie() + "\r\n"
		path := web.TicketURL(id) + "/comments"
		if i == 0 {
			head, path = "Content-Type: "+echo.MIMEApplicationJSON+"\r\nAuthorization: Bearer "+program.token+"\r\n", fmt.Sprintf("/api/tickets/%d/comments", id)
		}
		conns = append(conns, a.withheldText(path, head, 4*web.EarlyBody, 3*web.EarlyBody))
	}
	long := func(c *client, id int64) page {
		return c.send("POST", web.TicketURL(id)+"/comments", strings.NewReader("text=hello&padding="+strings.Repeat("x", 2*web.EarlyBody)), "Content-Type", echo.MIMEApplicationForm)
	}
	waitFor(t, "a fifth is refused", func() bool { return long(ana, id).StatusCode == http.StatusTooManyRequests })
	if got := long(ana, id).Header.Get("Retry-After"); got != "5" {
		t.Errorf("Retry-After: got %q, want 5", got)
	}
	fields := map[string]string{"subject": "S", "description": "D", "category": "Billing", "priority": "Low", "padding": strings.Repeat("x", 2*web.EarlyBody)}
	program.upload("POST", "/tickets", fields, map[string]string{"attachment": "a file"}).wants(429)
	long(ben, his).wants(t, 303)
	a.addsComment(ana, id, "a short one")
	for _, conn := range conns {
		conn.Close()
	}
	waitFor(t, "there is room again", func() bool { return long(ana, id).StatusCode == http.StatusSeeOther })
}

func TestTheNumberOfIncompleteBodiesOfANetworkIsLimited(t *testing.T) {
	a := newApp(t)
	const each = 64
	for range each {
		a.withheldText("/tickets", "Content-Type: "+echo.MIMEApplicationForm+"\r\n", web.EarlyBody, web.SmallBody)
	}
	long := func() int {
		return a.visitor().send("POST", "/tickets", strings.NewReader("padding="+strings.Repeat("x", web.SmallBody)), "Content-Type", echo.MIMEApplicationForm).StatusCode
	}
	waitFor(t, "one more is refused", func() bool { return long() == http.StatusTooManyRequests })
	a.customer("Ana") // short forms are still read
}
