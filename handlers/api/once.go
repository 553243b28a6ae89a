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

// submissionKey returns the submission id for what the request creates: a hash of the
// client's Idempotency-Key, or the key of its staged file.
func submissionKey(c echo.Context, got requestData) string {
	key := c.Request().Header.Get(HeaderKey)
	if key == "" {
		return got.key
	}
	sum := sha256.Sum256([]byte(key))
	return "api:" + hex.EncodeToString(sum[:])
}

// action performs a request and returns its answer.
type action func() (status int, body any, err error)

// idempotent performs the request and answers it. With an Idempotency-Key it is performed once,
// and the same request gets the same answer for [desk.AnswerKept]. Only a success is kept: a request
// that failed can be sent again.
func (s *core) idempotent(c echo.Context, got requestData, do action) error {
	return s.idempotentCounted(c, got, func() error { return nil }, do)
}

// idempotentCounted is [core.idempotent] for requests with a password. A request that is answered without
// being performed is counted too. Otherwise an attacker who knows a key could guess the
// password without limit.
func (s *core) idempotentCounted(c echo.Context, got requestData, count func() error, do action) error {
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
	lock, was, err := s.Desk.Requests.BeginAnswer(ctx, actor, key, s.requestHashes(c, got))
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
	return s.answerFirst(c, got, key, lock, do)
}

// answerFirst performs a request under its key, and keeps the answer, also if the client has
// gone in the meantime.
func (s *core) answerFirst(c echo.Context, got requestData, key string, lock *desk.KeyLock, do action) error {
	defer lock.Release()
	ctx := c.Request().Context()
	c.SetRequest(c.Request().WithContext(lock.Context()))
	answer, err := s.perform(c, got, submissionKey(c, got), do)
	c.SetRequest(c.Request().WithContext(ctx))
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		if err := lock.Unlock(ctx); err != nil {
			s.Log.ErrorContext(ctx, "idempotency key not released", "error", err)
		}
		if lock.Lost() {
			return fault.ErrUnderWay
		}
		return err
	}
	if err := lock.Store(ctx, s.seals[0].close(keptAt(web.ActorOf(c), key), answer)); err != nil {
		return err
	}
	return web.SendCoded(c, answer.Status, echo.MIMEApplicationJSON, answer.Body)
}

// answerAgain sends the answer that the same request got before, unless the actor may not read the
// ticket any more: that is the error of a first request. Its files, which arrived
// again, do not count against the actor's limit.
func (s *core) answerAgain(c echo.Context, got requestData, key string, was desk.Answer) error {
	if got.ticketID != 0 {
		if _, err := s.Desk.Tickets.Get(c.Request().Context(), web.ActorOf(c), got.ticketID); err != nil {
			return err
		}
	}
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
	return fmt.Errorf("an answer is kept under the seal %x", was.Seal) // the desk returns only answers under the given seals
}

// answerKey returns the key under which the answer to a request is kept. For staff, a suffix is added to the
// key of the request. If a member of staff becomes a customer and sends the request again, the answer kept for
// staff is therefore not found, and what only staff may see is not returned. The suffix is "admin" for
// agents too: when there were no agents, answers were stored with it, and they must still be found.
func answerKey(actor account.Actor, submission string) string {
	if actor.Can(account.WorkAsStaff) {
		return submission + " admin"
	}
	return submission
}

// keptAt returns the name under which an answer is sealed; see [seal.close].
func keptAt(actor account.Actor, key string) string {
	return strconv.FormatInt(actor.ID, 10) + "\x00" + key
}

// perform calls do and returns the answer to keep. Staged files are moved to key first, so
// that the same request finds them again.
func (s *core) perform(c echo.Context, got requestData, key string, do action) (desk.Answer, error) {
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

// requestHashes returns a hash of the request for each seal, to distinguish different
// requests with the same key.
func (s *core) requestHashes(c echo.Context, got requestData) []desk.Request {
	files := make([]string, len(got.files))
	for i, f := range got.files {
		files[i] = f.Filename + " " + hex.EncodeToString(f.Sha256)
	}
	b, err := json.Marshal([]any{c.Request().Method, c.Request().URL.Path, got.values, files, got.raw})
	if err != nil {
		panic(err) // values that were read from JSON can be written
	}
	out := make([]desk.Request, len(s.seals))
	for i, by := range s.seals {
		out[i] = by.hash(b)
	}
	return out
}

// idempotentAnonymous is [core.idempotent] for endpoints without a body. If a body is sent with an
// Idempotency-Key, it is read only for the hash of the request.
func (s *core) idempotentAnonymous(c echo.Context, do action) error {
	var got requestData
	if c.Request().Header.Get(HeaderKey) != "" {
		var err error
		if got.raw, err = io.ReadAll(io.LimitReader(c.Request().Body, MaxJSON+1)); err != nil {
			return web.UnreadableBody(err)
		}
		if len(got.raw) > MaxJSON {
			return fault.ErrTooLarge
		}
		if err := s.Rights.StillSignedIn(c); err != nil {
			return err
		}
	}
	return s.idempotent(c, got, do)
}
