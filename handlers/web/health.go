package web

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// Health answers 200 while the program runs.
func (s *Env) Health(c echo.Context) error { return answerHealth(c, http.StatusOK) }

// Ready answers 200, or 503 if the database does not answer within 2 seconds.
func (s *Env) Ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), 2*time.Second)
	defer cancel()
	if s.Cfg.Ready != nil {
		if err := s.Cfg.Ready(ctx); err != nil {
			c.Response().Header().Set(echo.HeaderRetryAfter, retrySoon)
			return answerHealth(c, http.StatusServiceUnavailable)
		}
	}
	return answerHealth(c, http.StatusOK)
}

// answerHealth answers whether the status is 200. No cache may answer instead of the program.
func answerHealth(c echo.Context, status int) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSON(status, map[string]bool{"ok": status == http.StatusOK})
}
