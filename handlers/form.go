package handlers

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
)

// Bounds of a form besides its files.
const (
	maxFormBody  = 1 << 20 // bytes; of a form with files, those of its fields' names and texts
	maxFormParts = 100
)

// form is what a browser sent, files apart.
type form struct {
	values url.Values
	field  string // of the file that is being read
}

func (f form) get(name string) string { return f.values.Get(name) }

// errBadForm is a body that is no form at all.
var errBadForm = echo.NewHTTPError(http.StatusBadRequest, "The form did not arrive whole. Go back and send it again.")

// onFile takes a file of a form; soFar is what stands before it.
type onFile func(soFar form, filename string, r io.Reader) error

// readForm reads an urlencoded or a multipart form. Files are streamed to
// onFile as they come, with what of the form stands before them; an empty file
// input is passed over. It must read each file, or return an error, which ends
// the reading. A nil onFile refuses files. A form of another account's page is
// an error, see [checkSender]; so is one that was still arriving when the right
// of its sender ended ([desk.ErrSignedOut]).
func (s *server) readForm(c echo.Context, onFile onFile) (form, error) {
	if onFile != nil {
		onFile = ofOwnPage(c, onFile)
	}
	f, err := parseForm(c.Request(), onFile)
	if err == nil {
		err = checkSender(c, f)
	}
	c.Set(keyForm, f)
	if ended := s.stillSignedIn(c); ended != nil {
		err = ended
	}
	return f, err
}

// keyForm is where the form stands in a request's context once it was read.
const keyForm = "form"

func parseForm(r *http.Request, onFile onFile) (form, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if kind != echo.MIMEMultipartForm {
		if err != nil && r.ContentLength > 0 {
			return form{}, errBadForm
		}
		if err := r.ParseForm(); err != nil {
			return form{}, badBody(brokenBody{err})
		}
		return form{values: r.PostForm}, nil
	}
	whole := &ending{ReadCloser: body{r.Body}, mark: []byte("--" + params["boundary"] + "--")}
	r.Body = whole
	parts, err := r.MultipartReader()
	if err != nil {
		return form{}, errBadForm
	}
	f, err := readParts(parts, onFile)
	if err == nil && !whole.seen {
		err = errBadForm
	}
	return f, err
}

// ending looks for the mark that ends a multipart body: the reader takes one that
// is cut off in the head of a part for a whole one.
type ending struct {
	io.ReadCloser
	mark, tail []byte
	seen       bool
}

func (e *ending) Read(p []byte) (int, error) {
	n, err := e.ReadCloser.Read(p)
	if !e.seen {
		e.tail = append(e.tail, p[:n]...)
		e.seen = bytes.Contains(e.tail, e.mark)
		e.tail = append(e.tail[:0], e.tail[max(0, len(e.tail)-len(e.mark)+1):]...)
	}
	return n, err
}

func readParts(parts *multipart.Reader, onFile onFile) (form, error) {
	f, room := form{values: url.Values{}}, maxFormBody
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if err == io.EOF { // wrapped, it is a body that ended between two parts
			return f, nil
		}
		if err != nil {
			return f, badBody(err)
		}
		if n >= maxFormParts {
			return f, errBadForm
		}
		if _, params, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition")); hasKey(params, "filename") {
			err = f.readFile(part, params["filename"], onFile)
		} else {
			room, err = f.readText(part, room)
		}
		if err != nil {
			return f, err
		}
	}
}

func hasKey(m map[string]string, key string) bool { _, ok := m[key]; return ok }

// readText reads a field for which there is room, and returns the room that is left.
func (f form) readText(part *multipart.Part, room int) (int, error) {
	name := part.FormName()
	room -= len(name)
	text, err := io.ReadAll(io.LimitReader(part, int64(max(room, 0))+1))
	if err != nil {
		return 0, badBody(err)
	}
	if room -= len(text); room < 0 {
		return 0, desk.ErrTooLarge
	}
	f.values.Add(name, string(text))
	return room, nil
}

func (f form) readFile(part *multipart.Part, filename string, onFile onFile) error {
	if filename == "" { // a file input that was left empty
		_, err := io.Copy(io.Discard, part)
		return badBody(err)
	}
	if onFile == nil {
		return echo.NewHTTPError(http.StatusBadRequest, "This form takes no files.")
	}
	f.field = part.FormName()
	return badBody(onFile(f, filename, part))
}

// discardFile is an onFile that reads a file and keeps nothing.
func discardFile(_ form, _ string, r io.Reader) error { _, err := io.Copy(io.Discard, r); return err }

// body marks what went wrong with reading it, so that it can be told from what
// went wrong with keeping it.
type body struct{ io.ReadCloser }

func (b body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = brokenBody{err}
	}
	return n, err
}

// brokenBody is a body that ended early, came too slowly, or is no form.
type brokenBody struct{ error }

func (b brokenBody) Unwrap() error { return b.error }

// badBody tells a body that ended early or was malformed from faults of ours.
func badBody(err error) error {
	var tooLarge *http.MaxBytesError
	var broken brokenBody
	switch {
	case err == nil:
		return nil
	case errors.As(err, &tooLarge):
		return desk.ErrTooLarge
	case errors.As(err, &broken), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, multipart.ErrMessageTooLarge),
		strings.Contains(err.Error(), "multipart:"), strings.Contains(err.Error(), "malformed MIME"):
		return errBadForm
	}
	return err
}

// bind fills the fields of into that carry a `form` tag, those of embedded
// structs too: strings, lists of strings and whole numbers. What is no number
// is 0, which no version or id is.
func bind(f form, into any) { bindValues(f.values, reflect.ValueOf(into).Elem()) }

// bindQuery is bind from the address.
func bindQuery(c echo.Context, into any) {
	bindValues(c.QueryParams(), reflect.ValueOf(into).Elem())
}

func bindValues(values url.Values, v reflect.Value) {
	for i := range v.NumField() {
		field, t := v.Field(i), v.Type().Field(i)
		if t.Anonymous && field.Kind() == reflect.Struct {
			bindValues(values, field)
			continue
		}
		name := t.Tag.Get("form")
		if name == "" || !values.Has(name) {
			continue
		}
		switch field.Kind() {
		case reflect.String:
			field.SetString(values.Get(name))
		case reflect.Slice:
			field.Set(reflect.ValueOf(values[name]))
		case reflect.Int, reflect.Int32, reflect.Int64:
			n, _ := strconv.ParseInt(values.Get(name), 10, 32)
			field.SetInt(n)
		}
	}
}

// pathID reads an id of the address. What is none is not found.
func pathID(c echo.Context, name string) (int64, error) {
	text := c.Param(name)
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != text {
		return 0, desk.ErrNotFound
	}
	return id, nil
}

// newSubmissionID names one rendering of a form, so that sending it twice
// stores it once.
func newSubmissionID() string {
	return rand.Text()
}

// formPage is the page that shows the form which posts to path.
func formPage(path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case path == "/login", path == "/register":
		return path
	case path == "/tickets":
		return "/tickets/new"
	case parts[0] == "tickets" && len(parts) == 2:
		return path + "/edit"
	case parts[0] == "tickets" && len(parts) == 3 && parts[2] == "delete":
		return path
	case parts[0] == "tickets" && len(parts) >= 3:
		return "/tickets/" + parts[1]
	case parts[0] == "account":
		return "/account"
	case path == "/admin/users":
		return "/admin/users/new"
	case parts[0] == "admin" && len(parts) == 4 && parts[1] == "users":
		return "/admin/users/" + parts[2]
	case parts[0] == "admin" && len(parts) >= 2:
		return "/admin/" + parts[1]
	}
	return "/"
}
