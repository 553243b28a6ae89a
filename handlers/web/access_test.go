package web

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
)

func TestAPathIsOpenOnlyIfAllItsRoutesAre(t *testing.T) {
	for name, c := range map[string]struct {
		levels []Access
		want   bool
	}{
		"open":             {[]Access{Open}, true},
		"open twice":       {[]Access{Open, Open}, true},
		"public and admin": {[]Access{Public, Needs(account.ManageTrash)}, false},
		"open and session": {[]Access{Open, SignedIn}, false},
		"session and open": {[]Access{SignedIn, Open}, false},
	} {
		r := newRouter()
		for _, level := range c.levels {
			r.Add(Route{Path: "/a", Access: level})
		}
		e := echo.New()
		ctx := e.NewContext(httptest.NewRequest(http.MethodGet, "/a", nil), httptest.NewRecorder())
		ctx.SetPath("/a")
		if got := r.isOpen(ctx); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}
