package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// HeaderKey is the header of draft-ietf-httpapi-idempotency-key-header.
const HeaderKey = "Idempotency-Key"

// submissionKey is the key under which the desk stores what the request makes:
// the client's own, or that under which its file waits.
func submissionKey(c echo.Context, got sent) string {
	key := c.Request().Header.Get(HeaderKey)
	if key == "" {
		return got.key
	}
	sum := sha256.Sum256([]byte(key))
	return "api:" + hex.EncodeToString(sum[:])
}

// deed does what a request asks, and gives its answer.
type deed func() (status int, body any, err error)

// once does what the request asks and answers it; with an Idempotency-Key it does
// so once, and the same request again gets the same answer for a day. Only what
// went well is kept: what failed may be sent again.
func (s *API) once(c echo.Context, got sent, do deed) error {
	return s.onceCounted(c, got, func() error { return nil }, do)
}

// onceCounted is once for requests that hold a password: answered without being
// done, they are counted as if they were, or a key that somebody knows would be a
// way to guess as often as one likes.
func (s *API) onceCounted(c echo.Context, got sent, count func() error, do deed) error {
	header := c.Request().Header.Get(HeaderKey)
	if header == "" {
		status, body, err := do()
		if err != nil {
			return err
		}
		return web.SendUntagged(c, status, body)
	}
	if len(header) > 255 {
		return echo.NewHTTPError(http.StatusBadRequest, "An Idempotency-Key has at most 255 characters.")
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	key := answerKey(actor, submissionKey(c, got))
	asked := s.asked(c, got)
	hold, was, err := s.Desk.Requests.BeginAnswer(ctx, actor, key, asked)
	if was != nil || err != nil {
		if err := count(); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	if was != nil {
		return s.answerAgain(c, got, key, *was)
	}
	return s.answerFirst(c, got, key, hold, do)
}

// answerFirst does what a request asks, under its key, and keeps the answer. The
// client may be gone by then; what was done has to be known all the same.
func (s *API) answerFirst(c echo.Context, got sent, key string, hold *desk.Hold, do deed) error {
	defer hold.Release()
	ctx := c.Request().Context()
	c.SetRequest(c.Request().WithContext(hold.Context()))
	answer, err := s.act(c, got, submissionKey(c, got), do)
	c.SetRequest(c.Request().WithContext(ctx))
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		if err := hold.Drop(ctx); err != nil {
			s.Log.Error("give an idempotency key back", "error", err)
		}
		if hold.Lost() {
			return fault.ErrUnderWay
		}
		return err
	}
	if err := hold.Keep(ctx, s.seals[0].close(keptAt(web.ActorOf(c), key), answer)); err != nil {
		return err
	}
	return web.SendCoded(c, answer.Status, echo.MIMEApplicationJSON, answer.Body)
}

// answerAgain gives the answer that the same request got before. Its files cost
// nothing, because they came again.
func (s *API) answerAgain(c echo.Context, got sent, key string, was desk.Answer) error {
	for range got.files {
		if err := s.Desk.Files.Resent(c.Request().Context(), web.ActorOf(c)); err != nil {
			return err
		}
	}
	for _, by := range s.seals {
		if !bytes.Equal(by.name, was.Seal) {
			continue
		}
		answer, err := by.open(keptAt(web.ActorOf(c), key), was)
		if err != nil {
			return err
		}
		if answer.Location != "" {
			c.Response().Header().Set(echo.HeaderLocation, answer.Location)
		}
		return web.SendCoded(c, answer.Status, echo.MIMEApplicationJSON, answer.Body)
	}
	return fmt.Errorf("an answer is kept under the seal %x", was.Seal) // the desk gives none but ours
}

// answerKey is the key under which the answer to a request is kept. That of an
// admin has one of its own: after a demotion the same request is done again, with
// the rights of a customer, and does not return what the admin was shown.
func answerKey(actor account.Actor, submission string) string {
	if actor.Can(account.SeeAllTickets) {
		return submission + " admin"
	}
	return submission
}

// keptAt is where an answer is kept.
func keptAt(actor account.Actor, key string) string {
	return strconv.FormatInt(actor.ID, 10) + "\x00" + key
}

func (s *API) act(c echo.Context, got sent, key string, do deed) (desk.Answer, error) {
	if got.mayFile {
		if err := s.Desk.Requests.ClaimStaged(c.Request().Context(), web.ActorOf(c), got.key, key); err != nil {
			return desk.Answer{}, err
		}
	}
	status, body, err := do()
	if err != nil {
		return desk.Answer{}, err
	}
	b, err := json.Marshal(body)
	return desk.Answer{Status: status, Body: b, Location: c.Response().Header().Get(echo.HeaderLocation)}, err
}

// asked tells requests apart that come with one key, under each of our seals.
func (s *API) asked(c echo.Context, got sent) []desk.Request {
	files := make([]string, len(got.files))
	for i, f := range got.files {
		files[i] = f.Filename + " " + hex.EncodeToString(f.Sha256)
	}
	b, err := json.Marshal([]any{c.Request().Method, c.Request().URL.Path, got.values, files, got.raw})
	if err != nil {
		panic(err) // what was read as JSON can be written as such
	}
	out := make([]desk.Request, len(s.seals))
	for i, by := range s.seals {
		out[i] = by.hash(b)
	}
	return out
}

// onceBare is once for what is asked without a body. One that comes all the same
// is read only to tell requests apart.
func (s *API) onceBare(c echo.Context, do deed) error {
	var got sent
	if c.Request().Header.Get(HeaderKey) != "" {
		var err error
		if got.raw, err = io.ReadAll(io.LimitReader(c.Request().Body, MaxJSON+1)); err != nil {
			return web.UnreadableBody(err)
		}
		if len(got.raw) > MaxJSON {
			return fault.ErrTooLarge
		}
		if err := s.StillSignedIn(c); err != nil {
			return err
		}
	}
	return s.once(c, got, do)
}
