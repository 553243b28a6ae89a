package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// requestData is the body of a request: JSON, or a form with files.
type requestData struct {
	values map[string]any // by the names of the API
	files  []desk.Attachment
	key    string // the submission id of the staged files
	raw    []byte // the body of a request to an endpoint without one

	mayFile  bool  // whether the endpoint accepts a file
	ticketID int64 // of an entry that the request adds; 0 for other requests
}

// version is the name of the field with the version of the ticket that the client changes.
const version = "version"

// Limits of a JSON body: its bytes, and the depth of its nesting.
const (
	MaxJSON   = 1 << 20
	maxDepth  = 20
	wantsBody = "Send a JSON object, or multipart/form-data to send a file with it."
)

// badJSON returns the error for a body that cannot be read.
func badJSON(format string, args ...any) error {
	return echo.NewHTTPError(http.StatusBadRequest, fmt.Sprintf(format, args...))
}

// receive reads a body and calls act with it. fileField is the field of a file, or "" for
// endpoints without one; a file in any other field is refused. The file is staged under a
// random key of this request, so that no other request can use it. If act does not use it,
// it is removed.
func (s *core) receive(c echo.Context, fileField string, act func(requestData) error) error {
	key := web.NewSubmissionID()
	got, err := s.readSent(c, key, fileField)
	if ended := s.Rights.StillSignedIn(c); ended != nil {
		err = ended
	}
	got.key, got.mayFile = key, fileField != ""
	if err == nil {
		err = act(got)
	}
	ctx := context.WithoutCancel(c.Request().Context())
	for _, f := range got.files {
		if err := s.Desk.Files.Unstage(ctx, web.ActorOf(c), f.Name); err != nil && !errors.Is(err, fault.ErrNotFound) && !errors.Is(err, fault.ErrSignedOut) {
			s.Log.ErrorContext(ctx, "staged file not removed", "error", err) // it is removed later, with other old ones
		}
	}
	return err
}

// readSent reads a body by its content type.
func (s *core) readSent(c echo.Context, key, fileField string) (requestData, error) {
	kind, params, err := web.ContentType(c.Request())
	switch {
	case kind == echo.MIMEApplicationJSON && !isUTF8(params["charset"]):
		return requestData{}, badJSON("JSON is UTF-8 (RFC 8259); the request has charset=%s.", params["charset"])
	case kind == echo.MIMEApplicationJSON:
		return readJSON(c.Request().Body)
	case kind == echo.MIMEMultipartForm, kind == echo.MIMEApplicationForm:
		return s.readAPIForm(c, key, fileField)
	case err != nil && c.Request().ContentLength == 0, kind == "" && c.Request().ContentLength == 0:
		return requestData{values: map[string]any{}}, nil
	}
	return requestData{}, echo.NewHTTPError(http.StatusUnsupportedMediaType, wantsBody)
}

// isUTF8 reports whether a charset is UTF-8, the default, also in the spelling
// of the Encoding Standard that many clients send.
func isUTF8(charset string) bool {
	return charset == "" || strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8")
}

// readJSON reads an object of at most [MaxJSON] bytes.
func readJSON(r io.Reader) (requestData, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxJSON+1))
	if err != nil {
		return requestData{}, web.UnreadableBody(err)
	}
	switch {
	case len(body) > MaxJSON:
		return requestData{}, fault.ErrTooLarge
	case !utf8.Valid(body):
		return requestData{}, badJSON("The body is not UTF-8.")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := checkJSON(d, 0); err != nil {
		return requestData{}, err
	}
	if _, err := d.Token(); err != io.EOF {
		return requestData{}, badJSON("Something follows the JSON object.")
	}
	values := map[string]any{}
	d = json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&values); err != nil || values == nil {
		return requestData{}, badJSON(wantsBody)
	}
	return requestData{values: values}, nil
}

// checkJSON reads one value. It refuses what parsers treat differently: names that occur
// twice in an object (RFC 8259, 4), and nesting deeper than [maxDepth].
func checkJSON(d *json.Decoder, depth int) error {
	t, err := d.Token()
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return badJSON("The JSON ends too early.")
	case err != nil:
		return badJSON("That is not JSON: %v.", err)
	}
	open, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	if depth == maxDepth {
		return badJSON("The JSON is nested too deeply.")
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			text, isName := name.(string)
			if err != nil || !isName {
				return badJSON("That is not JSON.")
			}
			if seen[text] {
				return badJSON("%q comes twice.", text)
			}
			seen[text] = true
		}
		if err := checkJSON(d, depth+1); err != nil {
			return err
		}
	}
	if _, err = d.Token(); err != nil {
		return badJSON("The JSON ends too early.")
	}
	return nil
}

// readAPIForm reads a form, and stages its file under key.
func (s *core) readAPIForm(c echo.Context, key, fileField string) (requestData, error) {
	out := requestData{values: map[string]any{}}
	var wrong error
	take := func(soFar web.Form, filename string, r io.Reader) error {
		switch {
		case soFar.Field != fileField:
			return badJSON("The file goes into the field %s.", fileField)
		case len(out.files) > 0 || wrong != nil:
			return badJSON("One file goes with a request.")
		}
		file, err := s.Desk.Files.Stage(c.Request().Context(), web.ActorOf(c), key, filename, r)
		if wrong = refusedFile(err, fileField); wrong != nil {
			return web.DiscardFile(soFar, filename, r)
		}
		if err == nil {
			out.files = append(out.files, file)
		}
		return err
	}
	if fileField == "" {
		take = nil
	} else {
		end, err := s.Bodies.TakesFiles(c, web.ActorOf(c).ID)
		if err != nil {
			return out, err
		}
		defer end()
	}
	f, err := s.Forms.Read(c, take)
	err = cmp.Or(err, wrong)
	for name, all := range f.Values {
		if len(all) > 1 {
			return out, badJSON("%q comes twice.", name)
		}
		out.values[name] = all[0]
	}
	return out, err
}

// refusedFile returns the error for a file that was refused, with the name that its field has in the API, or nil if
// err is nil or not about the file. The rest of the form is read after it.
func refusedFile(err error, fileField string) error {
	inv, ok := web.AsInvalid(err)
	switch {
	case !ok && web.IsFileError(err):
		return err
	case !ok:
		return nil
	}
	var refused error = inv.Renamed(func(field string) string {
		if field == "attachment" {
			return fileField
		}
		return field
	})
	if errors.Is(err, fault.ErrTooLarge) {
		refused = errors.Join(fault.ErrTooLarge, refused)
	}
	return refused
}
