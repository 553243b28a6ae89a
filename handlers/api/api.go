// Package api has the handlers of the JSON API, and the document that describes it.
package api

import (
	"sync"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/limit"
)

// API has the handlers of the JSON API.
type API struct {
	*web.Env
	document func() *document
	seals    []seal      // of kept answers
	lists    limit.Slots // lists that are being sent, by user
}

// New returns the handlers of the API. routes returns the endpoints that the document
// describes, with whole paths; it is called once, when the document is first needed.
// New returns an error if the keys are unusable.
func New(env *web.Env, routes func() []Route) (*API, error) {
	s := &API{Env: env, lists: limit.Slots{Each: 4, All: 32}}
	s.document = sync.OnceValue(func() *document { return s.describe(routes()) })
	var err error
	s.seals, err = newSeals(env.Cfg.TokenKeys)
	return s, err
}

// Route is one endpoint, and its description in the document.
type Route struct {
	Method, Path string
	Access       web.Access
	Handle       echo.HandlerFunc
	Doc          Doc
}
