package handlers

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
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

// stageUpload takes the files of a form while that is still being filled in.
func (s *server) stageUpload(c echo.Context) error {
	_, staged, err := s.stageForm(c)
	if err != nil {
		return err
	}
	if len(staged) == 0 {
		return &fault.Invalid{Fields: []fault.FieldError{{Field: "attachment", Message: "Choose a file."}}}
	}
	file := staged[len(staged)-1]
	return c.JSON(http.StatusCreated, map[string]any{
		"name": file.Name, "filename": file.Filename, "size": file.Size, "contentType": desk.MediaType(file),
	})
}

// discardUpload takes away a staged file, or one of a ticket.
func (s *server) discardUpload(c echo.Context) error {
	ticketID, err := s.desk.Files.Discard(c.Request().Context(), actorOf(c), c.Param("name"))
	switch {
	case err != nil:
		return err
	case wantsJSON(c):
		return c.NoContent(http.StatusNoContent)
	case ticketID == 0:
		return s.done(c, "/tickets/new", "The file is removed.")
	}
	return s.done(c, ticketURL(ticketID), "The file is removed.")
}

// downloadTime is how long a file may take over a slow line.
const downloadTime = 15 * time.Minute

// download serves a file. Whatever its bytes are, a browser shows only images
// and runs nothing of it.
func (s *server) download(c echo.Context) error {
	file, content, err := s.desk.Files.Open(c.Request().Context(), actorOf(c), c.Param("name"))
	if err != nil {
		return err
	}
	return serveFile(c, file, &rightsReader{content, s.whileSignedIn(c)})
}

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
