package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// health says that the program answers.
func (s *server) health(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]bool{"ok": true})
}

// ready says whether the database answers too.
func (s *server) ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), 2*time.Second)
	defer cancel()
	if s.cfg.Ready != nil {
		if err := s.cfg.Ready(ctx); err != nil {
			c.Response().Header().Set(echo.HeaderRetryAfter, retrySoon)
			return c.JSON(http.StatusServiceUnavailable, map[string]bool{"ok": false})
		}
	}
	return c.JSON(http.StatusOK, map[string]bool{"ok": true})
}
