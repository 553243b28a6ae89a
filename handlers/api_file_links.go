package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
)

// apiLink is a signed link.
type apiLink struct {
	URL       string `json:"url" doc:"A path of the desk: it wants no token."`
	ExpiresIn int    `json:"expiresIn" doc:"Seconds."`
}

// apiLinkFile makes a signed link to a file that the actor may see.
func (s *server) apiLinkFile(c echo.Context) error {
	name := c.Param("name")
	return s.onceBare(c, func() (int, any, error) {
		by, err := s.desk.Files.Link(c.Request().Context(), actorOf(c), name)
		if err != nil {
			return 0, nil, err
		}
		until := strconv.FormatInt(s.desk.Now().Add(linkTime).Unix(), 10)
		query := url.Values{"until": {until}, "by": {by}, "sign": {linkSign(s.cfg.TokenKeys[0], name, until, by)}}
		return http.StatusCreated, apiLink{"/uploads/" + name + "?" + query.Encode(), int(linkTime / time.Second)}, nil
	})
}
