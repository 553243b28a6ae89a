package handlers

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// stageForm reads a form and stages its files under its submission id, which
// comes before them. What is wrong with one file is returned when the rest has
// been read, so that the form can be shown again with all that was typed.
func (s *server) stageForm(c echo.Context) (form, []desk.Attachment, error) {
	var staged []desk.Attachment
	var wrong error
	end, err := s.takesFiles(c, actorOf(c).ID)
	if err != nil {
		return form{}, nil, err
	}
	defer end()
	f, err := s.readForm(c, func(soFar form, filename string, r io.Reader) error {
		if soFar.get("submission_id") == "" {
			soFar.values.Set("submission_id", newSubmissionID())
		}
		file, err := s.desk.Files.Stage(c.Request().Context(), actorOf(c), soFar.get("submission_id"), filename, r)
		if isOfFile(err) {
			wrong = cmp.Or(wrong, err)
			return discardFile(soFar, filename, r)
		}
		if err == nil {
			staged = append(staged, file)
		}
		return err
	})
	return f, staged, cmp.Or(err, wrong)
}

// isOfFile reports whether an error of staging leaves the rest of the form to be read.
func isOfFile(err error) bool {
	_, invalid := asInvalid(err)
	return invalid || canBeSentLater(err) || errors.Is(err, fault.ErrSignedOut)
}

// readWithFiles is stageForm for those who list the staged files by themselves.
func (s *server) readWithFiles(c echo.Context) (form, error) {
	f, _, err := s.stageForm(c)
	return f, err
}

// downloadTime is how long a file may take over a slow line.
const downloadTime = 15 * time.Minute

// serveFile writes a file, or the part of it that the client asks for.
func serveFile(c echo.Context, file desk.Attachment, content io.ReadSeekCloser) error {
	defer content.Close()
	answer := newFileAnswer(c.Response())
	h := answer.Header()
	h.Set("ETag", `"`+hex.EncodeToString(file.Sha256)+`"`) // a name has the same bytes for ever
	h.Set(echo.HeaderContentType, desk.MediaType(file))
	h.Set(echo.HeaderContentDisposition, disposition(file))
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	h.Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-store")
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(downloadTime)) // a test's recorder has none
	kept := &keptError{ReadSeeker: content}
	http.ServeContent(answer, c.Request(), "", file.CreatedAt, kept)
	return cmp.Or(answer.err(), kept.err)
}

// keptError is a reader that keeps its error, which [http.ServeContent] drops.
type keptError struct {
	io.ReadSeeker
	err error
}

func (k *keptError) Read(p []byte) (int, error) {
	n, err := k.ReadSeeker.Read(p)
	if err != nil && err != io.EOF {
		k.err = fmt.Errorf("send file: %w", err)
	}
	return n, err
}
