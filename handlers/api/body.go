package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// sent is the body of a request: JSON, or a form with files.
type sent struct {
	values map[string]any // by the names of the API
	files  []desk.Attachment
	key    string // the submission id of the staged files
	raw    []byte // the body of a request to an endpoint without one

	mayFile bool // whether the endpoint accepts a file
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
func (s *API) receive(c echo.Context, fileField string, act func(sent) error) error {
	key := web.NewSubmissionID()
	got, err := s.readSent(c, key, fileField)
	if ended := s.StillSignedIn(c); ended != nil {
		err = ended
	}
	got.key, got.mayFile = key, fileField != ""
	if err == nil {
		err = act(got)
	}
	ctx := context.WithoutCancel(c.Request().Context())
	for _, f := range got.files {
		if err := s.Desk.Files.Unstage(ctx, web.ActorOf(c), f.Name); err != nil && !errors.Is(err, fault.ErrNotFound) && !errors.Is(err, fault.ErrSignedOut) {
			s.Log.Error("staged file not removed", "error", err) // it is removed later, with other old ones
		}
	}
	return err
}

// readSent reads a body by its content type.
func (s *API) readSent(c echo.Context, key, fileField string) (sent, error) {
	kind, params, err := web.ContentType(c.Request())
	switch {
	case kind == echo.MIMEApplicationJSON && !isUTF8(params["charset"]):
		return sent{}, badJSON("JSON is UTF-8 (RFC 8259); this says %s.", params["charset"])
	case kind == echo.MIMEApplicationJSON:
		return readJSON(c.Request().Body)
	case kind == echo.MIMEMultipartForm, kind == echo.MIMEApplicationForm:
		return s.readAPIForm(c, key, fileField)
	case err != nil && c.Request().ContentLength == 0, kind == "" && c.Request().ContentLength == 0:
		return sent{values: map[string]any{}}, nil
	}
	return sent{}, echo.NewHTTPError(http.StatusUnsupportedMediaType, wantsBody)
}

// isUTF8 reports whether a charset is UTF-8, the default, also in the spelling
// of the Encoding Standard that many clients send.
func isUTF8(charset string) bool {
	return charset == "" || strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8")
}

// readJSON reads an object of at most [MaxJSON] bytes.
func readJSON(r io.Reader) (sent, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxJSON+1))
	if err != nil {
		return sent{}, web.UnreadableBody(err)
	}
	switch {
	case len(body) > MaxJSON:
		return sent{}, fault.ErrTooLarge
	case !utf8.Valid(body):
		return sent{}, badJSON("The body is not UTF-8.")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := checkJSON(d, 0); err != nil {
		return sent{}, err
	}
	if _, err := d.Token(); err != io.EOF {
		return sent{}, badJSON("Something follows the JSON object.")
	}
	values := map[string]any{}
	d = json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&values); err != nil || values == nil {
		return sent{}, badJSON(wantsBody)
	}
	return sent{values: values}, nil
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
func (s *API) readAPIForm(c echo.Context, key, fileField string) (sent, error) {
	out := sent{values: map[string]any{}}
	var wrong error
	take := func(soFar web.Form, filename string, r io.Reader) error {
		switch {
		case soFar.Field != fileField:
			return badJSON("The file goes into the field %s.", fileField)
		case len(out.files) > 0 || wrong != nil:
			return badJSON("One file goes with a request.")
		}
		file, err := s.Desk.Files.Stage(c.Request().Context(), web.ActorOf(c), key, filename, r)
		if inv, ok := web.AsInvalid(err); ok {
			wrong = renamed(inv, map[string]string{"attachment": fileField})
			if errors.Is(err, fault.ErrTooLarge) {
				wrong = errors.Join(fault.ErrTooLarge, wrong)
			}
			return web.DiscardFile(soFar, filename, r)
		}
		if web.IsOfFile(err) {
			wrong = err
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
		end, err := s.TakesFiles(c, web.ActorOf(c).ID)
		if err != nil {
			return out, err
		}
		defer end()
	}
	f, err := s.ReadForm(c, take)
	err = cmp.Or(err, wrong)
	for name, all := range f.Values {
		if len(all) > 1 {
			return out, badJSON("%q comes twice.", name)
		}
		out.values[name] = all[0]
	}
	return out, err
}

// into sets the fields of an input from the values of the client, by their JSON names. A
// value of another type is a [fault.Invalid] of its field. Unknown names are ignored. A null counts as not
// sent, but not of a version: its sender would overwrite what others changed.
func (s sent) into(input any) error {
	inv := &fault.Invalid{}
	s.fill(reflect.ValueOf(input).Elem(), inv)
	if len(inv.Fields) > 0 {
		return inv
	}
	return nil
}

// fill sets the fields of a struct, and adds those with a value of another type to inv.
func (s sent) fill(v reflect.Value, inv *fault.Invalid) {
	for i := range v.NumField() {
		field, t := v.Field(i), v.Type().Field(i)
		if t.Anonymous {
			s.fill(field, inv)
			continue
		}
		name := t.Tag.Get("json")
		value, has := s.values[name]
		if name == "" || name == "-" || !has || value == nil && name != version {
			continue
		}
		if !set(field, value) {
			inv.Fields = append(inv.Fields, fault.FieldError{Field: t.Tag.Get("form"), Message: "This has to be " + typeName(field.Kind()) + "."})
		} else if name == version && field.CanInt() && field.Int() < 1 {
			inv.Fields = append(inv.Fields, fault.FieldError{Field: t.Tag.Get("form"), Message: "This is not a version. Send the one that the ticket had when you read it, or leave the field out."})
		}
	}
}

// set sets a field and reports whether the value has its type.
func set(field reflect.Value, value any) bool {
	switch field.Kind() {
	case reflect.String:
		text, ok := value.(string) // false for a json.Number
		field.SetString(text)
		return ok
	case reflect.Int, reflect.Int32, reflect.Int64:
		n, ok := wholeNumber(value)
		field.SetInt(n)
		return ok
	case reflect.Bool:
		field.SetBool(value == true || value == "true") // all values of a form are texts
		return value == true || value == false || value == "true" || value == "false" || value == ""
	}
	return false
}

// wholeNumber reads a number of 32 bits, from JSON or the text of a form. In JSON it may
// have an exponent or a fraction of zero.
func wholeNumber(value any) (int64, bool) {
	text, isText := value.(string)
	number, isNumber := value.(json.Number)
	if !isText && !isNumber {
		return 0, false
	}
	n, err := strconv.ParseInt(text+string(number), 10, 32)
	if err == nil || isText {
		return n, err == nil
	}
	f, err := number.Float64()
	return int64(f), err == nil && f == math.Trunc(f) && f >= math.MinInt32 && f <= math.MaxInt32
}

// typeName returns the name of a type for an error message.
func typeName(kind reflect.Kind) string {
	switch kind {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	}
	return "a whole number"
}

// renamed returns inv with other names of its fields.
func renamed(inv *fault.Invalid, names map[string]string) *fault.Invalid {
	out := &fault.Invalid{}
	for _, f := range inv.Fields {
		if name := names[f.Field]; name != "" {
			f.Field = name
		}
		out.Fields = append(out.Fields, f)
	}
	return out
}

// asAPI returns an error with the JSON names of the input's fields.
func asAPI(err error, input any) error {
	var inv *fault.Invalid
	if !errors.As(err, &inv) {
		return err
	}
	names := map[string]string{}
	jsonNames(reflect.TypeOf(input), names)
	out := renamed(inv, names)
	if errors.Is(err, fault.ErrTooLarge) {
		return errors.Join(fault.ErrTooLarge, out)
	}
	return out
}

// jsonNames adds the JSON names of a struct's fields by their names in forms.
func jsonNames(t reflect.Type, names map[string]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			jsonNames(f.Type, names)
		} else if name := f.Tag.Get("json"); name != "" && name != "-" {
			names[f.Tag.Get("form")] = name
		}
	}
}
