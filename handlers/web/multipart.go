package web

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/fault"
)

// Errors for multipart forms of which a part is or would be lost.
var (
	errNamelessPart = echo.NewHTTPError(http.StatusBadRequest, "A part of the form has no name. Name the field that each part is for (RFC 7578).")
	errNestedParts  = echo.NewHTTPError(http.StatusBadRequest, "A part of the form holds further parts. Send each file as a part of its own (RFC 7578).")
	errBrokenFile   = echo.NewHTTPError(http.StatusBadRequest, "A file did not arrive whole. It may have been changed, moved or renamed meanwhile, or be a folder. Choose it again.")
	errPartHead     = echo.NewHTTPError(http.StatusBadRequest, "The head of a part of the form cannot be read. The name of a file may have a control character: rename the file, and send it again.")
	errEncodedPart  = echo.NewHTTPError(http.StatusBadRequest, "A part of the form is in base64. Send the bytes of a file as they are (RFC 7578).")
)

// maxBoundary is the greatest length of a boundary (RFC 2046, 5.1.1). Every piece of
// a body that arrives is searched for it together with as many bytes before.
const maxBoundary = 70

// parseMultipart reads a multipart form; see [readForm].
func parseMultipart(r *http.Request, boundary string, texts *textBudget, onFile onFile) (Form, error) {
	if len(boundary) > maxBoundary {
		return Form{}, ErrBadForm
	}
	whole := &multipartBody{ReadCloser: trackedBody{r.Body}, end: []byte("--" + boundary + "--"), room: MaxFormBody + maxPartHeads, texts: texts}
	r.Body = whole
	parts, err := r.MultipartReader()
	if err != nil {
		return Form{}, ErrBadForm
	}
	f, err := readParts(parts, whole, onFile)
	if err == nil && !whole.ended {
		err = ErrBadForm
	}
	return f, err
}

// multipartBody is the body of a multipart form. It looks for the boundary that
// ends the form, because multipart.Reader takes a body that is cut off in the head
// of a part for a whole one, and it bounds what is read outside of files, because
// multipart.Reader reads up to 10 MiB for the head of each part.
type multipartBody struct {
	io.ReadCloser
	end    []byte // the closing boundary
	tail   []byte // the last bytes read, shorter than end
	ended  bool   // end was read
	inFile bool   // what is read now is a file
	room   int    // bytes that may still be read outside of files
	texts  *textBudget
}

// Read fails with [fault.ErrTooLarge] when too much is read outside of files, and with
// an [unreadForm] where there is no room to hold so much.
func (b *multipartBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if !b.ended {
		b.tail = append(b.tail, p[:n]...)
		b.ended = bytes.Contains(b.tail, b.end)
		b.tail = append(b.tail[:0], b.tail[max(0, len(b.tail)-len(b.end)+1):]...)
	}
	if !b.inFile {
		b.room -= n
	}
	if b.room < 0 {
		return 0, fault.ErrTooLarge
	}
	if b.room < MaxFormBody+maxPartHeads-EarlyBody && b.texts != nil {
		if err := b.texts.take(); err != nil {
			return 0, err
		}
	}
	return n, err
}

// readParts reads the parts of a form: texts into the result, files to onFile.
func readParts(parts *multipart.Reader, whole *multipartBody, onFile onFile) (Form, error) {
	f, room := Form{Values: url.Values{}}, MaxFormBody
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if err == io.EOF { // wrapped, it is a body that ended between two parts
			return f, nil
		}
		if errors.As(err, new(textproto.ProtocolError)) {
			return f, errPartHead
		}
		if err != nil {
			return f, badBody(unreadableBody{err})
		}
		if n >= MaxFormParts {
			return f, ErrBadForm
		}
		head := readPartHead(part.Header)
		if err := checkPart(part, head); err != nil {
			return f, err
		}
		if isFile(part, head) {
			whole.inFile = true
			err = f.readFile(part, head, onFile)
			whole.inFile = false
		} else {
			room, err = f.readText(part, head.field, room)
		}
		if err != nil {
			return f, err
		}
	}
}

// checkPart returns an error for a part that would be lost, or stored with other bytes than
// the sender's.
func checkPart(part *multipart.Part, head partHead) error {
	switch {
	case strings.HasPrefix(strings.ToLower(part.Header.Get("Content-Type")), "multipart/"):
		return errNestedParts
	case strings.EqualFold(strings.TrimSpace(part.Header.Get("Content-Transfer-Encoding")), "base64"):
		return errEncodedPart
	case head.field == "" && !head.named:
		return errNamelessPart
	}
	return nil
}

// isFile reports whether a part is a file. A filename is optional (RFC 7578, 4.2); without
// one, a part of a file field is a file if it has a content type, which texts do not have.
func isFile(part *multipart.Part, head partHead) bool {
	return head.named || slices.Contains(fileFields, head.field) && part.Header.Get("Content-Type") != ""
}

// readText reads a text field of at most room bytes, name included, and returns the room
// that is left.
func (f Form) readText(part *multipart.Part, name string, room int) (int, error) {
	room -= len(name)
	text, err := io.ReadAll(io.LimitReader(part, int64(max(room, 0))+1))
	if err != nil {
		return 0, badBody(unreadableBody{err})
	}
	if room -= len(text); room < 0 {
		return 0, fault.ErrTooLarge
	}
	f.Values.Add(name, string(text))
	return room, nil
}

// readFile hands a file to onFile. A part without a name and without content is
// a file input that was left empty.
func (f Form) readFile(part *multipart.Part, head partHead, onFile onFile) error {
	content := bufio.NewReader(trackedBody{part})
	if head.filename == "" {
		if _, err := content.Peek(1); err != nil {
			return badBody(notEOF(err))
		}
	}
	if onFile == nil {
		return echo.NewHTTPError(http.StatusBadRequest, "This form takes no files.")
	}
	f.Field = head.field
	err := badBody(onFile(f, head.filename, content))
	if errors.Is(err, ErrBadForm) {
		return errBrokenFile
	}
	return err
}

// notEOF returns err, or nil for [io.EOF].
func notEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// DiscardFile reads a file of a form and drops it. It is an argument of [Forms.Read].
func DiscardFile(_ Form, _ string, r io.Reader) error { _, err := io.Copy(io.Discard, r); return err }

// trackedBody marks the errors of reading a body as [unreadableBody], to distinguish them from
// errors of storing it.
type trackedBody struct{ io.ReadCloser }

func (b trackedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = unreadableBody{err}
	}
	return n, err
}

// unreadableBody is a body that ended early, came too slowly, or is no form.
type unreadableBody struct{ error }

// Unwrap returns the cause.
func (b unreadableBody) Unwrap() error { return b.error }

// UnreadableBody returns the error for a body that could not be read to its end.
func UnreadableBody(err error) error { return badBody(unreadableBody{err}) }

// badBody returns the error to answer with for an error of reading or storing a body:
// [ErrBadForm] for a [unreadableBody], [fault.ErrTooLarge] for a body that is too large, and
// any other error as it is.
func badBody(err error) error {
	var tooLarge *http.MaxBytesError
	var unread unreadForm
	switch {
	case errors.As(err, &unread):
		return unread
	case errors.As(err, &tooLarge):
		return fault.ErrTooLarge
	case errors.Is(err, fault.ErrTooLarge):
		return err
	case errors.As(err, new(unreadableBody)):
		return ErrBadForm
	}
	return err
}
