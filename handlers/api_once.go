package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
)

// headerKey is the header of draft-ietf-httpapi-idempotency-key-header.
const headerKey = "Idempotency-Key"

// submissionKey is the key under which the desk stores what the request makes:
// the client's own, or that under which its file waits.
func submissionKey(c echo.Context, got sent) string {
	key := c.Request().Header.Get(headerKey)
	if key == "" {
		return got.key
	}
	sum := sha256.Sum256([]byte(key))
	return "api:" + hex.EncodeToString(sum[:])
}

// once does what the request asks and answers it; with an Idempotency-Key it does
// so once, and the same request again gets the same answer for a day.
func (s *server) once(c echo.Context, got sent, do func() (int, any, error)) error {
	key := c.Request().Header.Get(headerKey)
	if key == "" {
		status, body, err := do()
		if err != nil {
			return err
		}
		return c.JSON(status, body)
	}
	if len(key) > 255 {
		return echo.NewHTTPError(http.StatusBadRequest, "An Idempotency-Key has at most 255 characters.")
	}
	ctx, actor := c.Request().Context(), actorOf(c)
	key = submissionKey(c, got)
	was, err := s.desk.BeginAnswer(ctx, actor, key, requestHash(c, got))
	if err != nil {
		return err
	}
	if was != nil {
		if was.Location != "" {
			c.Response().Header().Set(echo.HeaderLocation, was.Location)
		}
		return c.JSONBlob(was.Status, was.Body)
	}
	answer, err := s.act(c, got, key, do)
	// The client may be gone; what was done has to be known all the same.
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		if err := s.desk.DropAnswer(ctx, actor, key); err != nil {
			s.log.Error("give an idempotency key back", "error", err)
		}
		return err
	}
	if err := s.desk.KeepAnswer(ctx, actor, key, answer); err != nil {
		return err
	}
	return c.JSONBlob(answer.Status, answer.Body)
}

func (s *server) act(c echo.Context, got sent, key string, do func() (int, any, error)) (desk.Answer, error) {
	if err := s.desk.ClaimStaged(c.Request().Context(), actorOf(c), got.key, key); err != nil {
		return desk.Answer{}, err
	}
	status, body, err := do()
	if err != nil {
		return desk.Answer{}, err
	}
	b, err := json.Marshal(body)
	return desk.Answer{Status: status, Body: b, Location: c.Response().Header().Get(echo.HeaderLocation)}, err
}

// requestHash tells requests apart that come with one key.
func requestHash(c echo.Context, got sent) []byte {
	files := make([]string, len(got.files))
	for i, f := range got.files {
		files[i] = f.Filename + " " + hex.EncodeToString(f.Sha256)
	}
	b, err := json.Marshal([]any{c.Request().Method, c.Request().URL.Path, got.values, files})
	if err != nil {
		panic(err) // what was read as JSON can be written as such
	}
	sum := sha256.Sum256(b)
	return sum[:]
}
