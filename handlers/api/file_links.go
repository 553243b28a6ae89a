package api

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
)

// JSONLink is a signed link.
type JSONLink struct {
	URL       string `json:"url" doc:"A path of the desk, which can be fetched without a token."`
	ExpiresIn int    `json:"expiresIn" doc:"Seconds."`
}

// LinkFile answers with a signed link to a file that the actor may see.
func (s *API) LinkFile(c echo.Context) error {
	name := c.Param("name")
	return s.idempotentAnonymous(c, func() (int, any, error) {
		by, err := s.Desk.Files.Link(c.Request().Context(), web.ActorOf(c), name)
		if err != nil {
			return 0, nil, err
		}
		until := strconv.FormatInt(s.Desk.Now().Add(web.LinkTime).Unix(), 10)
		query := url.Values{"until": {until}, "by": {by}, "sign": {web.LinkSign(s.Cfg.TokenKeys[0], name, until, by)}}
		return http.StatusCreated, JSONLink{"/uploads/" + name + "?" + query.Encode(), int(web.LinkTime / time.Second)}, nil
	})
}
