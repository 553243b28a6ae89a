package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// Bounds of a form besides its files.
const (
	MaxFormBody  = 1 << 20 // bytes; of a form with files, those of its fields' names and texts
	MaxFormParts = 100
	maxPartHeads = MaxFormParts * 8 << 10 // bytes of a form with files that are neither texts nor files
)

// Form has the values of a form, without its files.
type Form struct {
	Values url.Values
	Field  string // the name of the file input that is being read
}

// Get returns the first value of a field, or "".
func (f Form) Get(name string) string { return f.Values.Get(name) }

// ErrBadForm is the error for a body that is not a form, or not a whole one.
var ErrBadForm = echo.NewHTTPError(http.StatusBadRequest, "The form did not arrive whole. Go back and send it again.")

// onFile handles a file of a form. soFar has the fields that precede the file.
type onFile func(soFar Form, filename string, r io.Reader) error

// Forms reads forms, with and without files.
type Forms struct {
	bodies *Bodies
	rights *Rights
	files  *desk.Files
}

// Read reads an urlencoded or a multipart form. Files are streamed to onFile as they
// arrive, with the fields before them; an empty file input is ignored. onFile must read
// each file, or return an error, which ends the reading. A nil onFile refuses files. A form
// of another account's page is an error, see [checkSender]. A form that arrived after the
// right of its sender ended is [fault.ErrSignedOut].
func (s *Forms) Read(c echo.Context, onFile onFile) (Form, error) {
	if onFile != nil {
		onFile = checkedSender(c, onFile)
	}
	room, _ := c.Get(keyBudget).(*textBudget) // without a body there is none
	f, err := parseForm(c.Request(), room, onFile)
	if err == nil {
		err = checkTexts(f)
	}
	if err == nil {
		err = checkSender(c, f)
	}
	c.Set(keyForm, f)
	if ended := s.rights.StillSignedIn(c); ended != nil {
		err = ended
	}
	return f, err
}

// keyForm is the key of the form in a request's context once it was read.
const keyForm = "form"

// repeatable are the fields that a form may hold more than once.
var repeatable = map[string]bool{"remove_file": true, "join": true}

// checkTexts returns an error for a form of which a part would be lost: a field that occurs
// twice with different texts, or a text in a file field.
func checkTexts(f Form) error {
	for name, all := range f.Values {
		if len(slices.Compact(slices.Clone(all))) > 1 && !repeatable[name] {
			return echo.NewHTTPError(http.StatusBadRequest, fmt.Sprintf("The field %q comes twice, with different texts.", truncate(name, 100)))
		}
		if slices.Contains(fileFields, name) && !isNoFile(all[0]) {
			return echo.NewHTTPError(http.StatusBadRequest, fmt.Sprintf("The field %s holds a text. Send the file itself, as a part with a filename (RFC 7578).", name))
		}
	}
	return nil
}

// fileFields are the fields that hold files, on pages and in the API.
var fileFields = []string{"attachment", "file"}

// isNoFile reports whether the text of a file field means that there is no file. FormData
// of a script turns null and undefined into these words.
func isNoFile(text string) bool { return text == "" || text == "null" || text == "undefined" }

// parseForm reads the fields of a form and passes its files to onFile.
func parseForm(r *http.Request, room *textBudget, onFile onFile) (Form, error) {
	kind, params, err := ContentType(r)
	if kind != echo.MIMEMultipartForm {
		if err != nil && r.ContentLength > 0 {
			return Form{}, ErrBadForm
		}
		if err := r.ParseForm(); err != nil {
			return Form{}, badBody(unreadableBody{err})
		}
		return Form{Values: r.PostForm}, nil
	}
	return parseMultipart(r, params["boundary"], room, onFile)
}

// ContentType returns the media type of a body, in lower case, with its
// parameters. Two header fields that differ are an error, because a proxy may have used
// the other one (RFC 9110, 5.3).
func ContentType(r *http.Request) (kind string, params map[string]string, err error) {
	values := r.Header.Values(echo.HeaderContentType)
	for _, value := range values {
		if value != values[0] {
			return "", nil, errors.New("Content-Type comes twice")
		}
	}
	return mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
}

// Bind sets the fields of the struct into that have a `form` tag, also those of embedded
// structs: strings, lists of strings, Booleans and whole numbers. For texts that are not a number see
// [parseInteger].
func Bind(f Form, into any) { BindValues(f.Values, "form", reflect.ValueOf(into).Elem()) }

// BindQuery is [Bind] from the query of the address.
func BindQuery(c echo.Context, into any) {
	BindValues(c.QueryParams(), "form", reflect.ValueOf(into).Elem())
}

// BindValues sets the fields of v from the values that the given struct tag names.
func BindValues(values url.Values, tag string, v reflect.Value) {
	for i := range v.NumField() {
		field, t := v.Field(i), v.Type().Field(i)
		if t.Anonymous && field.Kind() == reflect.Struct {
			BindValues(values, tag, field)
			continue
		}
		name := t.Tag.Get(tag)
		if name == "" || !values.Has(name) {
			continue
		}
		switch field.Kind() {
		case reflect.String:
			field.SetString(values.Get(name))
		case reflect.Slice:
			field.Set(sliceOf(field.Type(), values[name]))
		case reflect.Bool:
			field.SetBool(values.Get(name) == "true" || values.Get(name) == "1")
		case reflect.Int, reflect.Int32, reflect.Int64:
			field.SetInt(parseInteger(values.Get(name), field.Type().Bits()))
		}
	}
}

// sliceOf returns the values of a field as a slice of texts or of numbers.
func sliceOf(t reflect.Type, values []string) reflect.Value {
	if t.Elem().Kind() == reflect.String {
		return reflect.ValueOf(values)
	}
	out := reflect.MakeSlice(t, len(values), len(values))
	for i, text := range values {
		out.Index(i).SetInt(parseInteger(text, t.Elem().Bits()))
	}
	return out
}

// parseInteger reads a number of that many bits, with or without space around it; "" is 0. Any other
// text that is not a number is -1, which is not a valid version or sequence number; 0 would mean that
// none was sent.
func parseInteger(text string, bits int) int64 {
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, bits)
	if err != nil {
		return -1
	}
	return n
}

// PathID returns the id in a parameter of the path, or [fault.ErrNotFound] if it is not one.
func PathID(c echo.Context, name string) (int64, error) {
	text := c.Param(name)
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != text {
		return 0, fault.ErrNotFound
	}
	return id, nil
}

// PathEntry returns the ids of a ticket and of one of its entries, the parameters id and seq of the
// path, or [fault.ErrNotFound] if one of them is not an id.
func PathEntry(c echo.Context) (id, seq int64, err error) {
	if id, err = PathID(c, "id"); err != nil {
		return 0, 0, err
	}
	seq, err = PathID(c, "seq")
	return id, seq, err
}

// NewSubmissionID returns a random id for one rendering of a form, so that a form that is
// sent twice is stored once.
func NewSubmissionID() string {
	return rand.Text()
}
