package web

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
	"frontdesk/internal/upload"
)

// Stage reads a form and stages its files under the submission id that precedes them
// in the form. The first error of a file is returned after the rest of the form has been
// read, so that the form can be shown again with all that was typed.
func (s *Forms) Stage(c echo.Context) (Form, []desk.Attachment, error) {
	var staged []desk.Attachment
	var wrong error
	end, err := s.bodies.TakesFiles(c, ActorOf(c).ID)
	if err != nil {
		return Form{}, nil, err
	}
	defer end()
	f, err := s.Read(c, func(soFar Form, filename string, r io.Reader) error {
		if soFar.Get("submission_id") == "" {
			soFar.Values.Set("submission_id", NewSubmissionID())
		}
		file, err := s.files.Stage(c.Request().Context(), ActorOf(c), soFar.Get("submission_id"), filename, r)
		if IsFileError(err) {
			wrong = cmp.Or(wrong, err)
			return DiscardFile(soFar, filename, r)
		}
		if err == nil {
			staged = append(staged, file)
		}
		return err
	})
	return f, staged, cmp.Or(err, wrong)
}

// IsFileError reports whether a file was refused but the rest of the form can still be read and
// shown again: the file is invalid or cannot be stored now, or the user has signed out.
func IsFileError(err error) bool {
	_, invalid := AsInvalid(err)
	return invalid || canBeSentLater(err) || errors.Is(err, fault.ErrSignedOut)
}

// ReadWithFiles is [Forms.Stage] without the list of staged files.
func (s *Forms) ReadWithFiles(c echo.Context) (Form, error) {
	f, _, err := s.Stage(c)
	return f, err
}

// readTexts returns the form of the request, of which it drops the files unless the form was read
// before. A form with files takes a slot of the user.
func (s *Forms) readTexts(c echo.Context, user int64) (Form, error) {
	if f, read := c.Get(keyForm).(Form); read {
		return f, nil
	}
	end, err := s.bodies.TakesFiles(c, user)
	if err != nil {
		return Form{}, err
	}
	defer end()
	return s.Read(c, DiscardFile)
}

// downloadTime is how long the download of a file may take.
const downloadTime = 15 * time.Minute

// ServeFile writes a file, or the part of it that the client asks for.
func ServeFile(c echo.Context, file desk.Attachment, content io.ReadSeekCloser) error {
	defer content.Close()
	answer := newFileAnswer(c.Response())
	h := answer.Header()
	h.Set("ETag", `"`+hex.EncodeToString(file.Sha256)+`"`)
	h.Set(echo.HeaderContentType, upload.MediaType(file.ContentType, file.Charset))
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
