// Package api has the handlers of the JSON API, and the document that describes it.
package api

import (
	"sync"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/limit"
)

// API has the handlers of the JSON API, by noun.
type API struct {
	Accounts      *Accounts
	Assignment    *Assignment
	Attachments   *Attachments
	Away          *Away
	Comments      *Comments
	Documents     *Documents
	Followers     *Followers
	Invitations   *Invitations
	Notes         *Notes
	Notifications *Notifications
	Roles         *Roles
	Settings      *Settings
	TeamMembers   *TeamMembers
	Teams         *Teams
	Tickets       *Tickets
	Tokens        *Tokens
	Views         *Views
}

// core has what all handlers need, and the methods that those of several nouns call.
type core struct {
	*web.Env
	document func() *document
	seals    []seal      // of kept answers
	lists    limit.Slots // lists that are being sent, by user
}

// New returns the handlers of the API. routes returns the endpoints that the document
// describes, with whole paths; it is called once, when the document is first needed.
// New returns an error if the keys are unusable.
func New(env *web.Env, routes func() []Route) (*API, error) {
	c := &core{Env: env, lists: limit.Slots{Each: 4, All: 32}}
	c.document = sync.OnceValue(func() *document { return c.describe(routes()) })
	var err error
	c.seals, err = newSeals(env.Cfg.TokenKeys)
	return &API{
		Accounts:      &Accounts{c},
		Assignment:    &Assignment{c},
		Attachments:   &Attachments{c},
		Away:          &Away{c},
		Comments:      &Comments{c},
		Documents:     &Documents{c},
		Followers:     &Followers{c},
		Invitations:   &Invitations{c},
		Notes:         &Notes{c},
		Notifications: &Notifications{c},
		Roles:         &Roles{c},
		Settings:      &Settings{c},
		TeamMembers:   &TeamMembers{c},
		Teams:         &Teams{c},
		Tickets:       &Tickets{c},
		Tokens:        &Tokens{c},
		Views:         &Views{c},
	}, err
}

// Route is one endpoint, and its description in the document.
type Route struct {
	Method, Path string
	Access       web.Access
	Handle       echo.HandlerFunc
	Doc          Doc
}
