package api

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/input"
)

// Doc is what the document says of a route beside what its path and its
// structs say themselves.
type Doc struct {
	group, id     string
	summary, text string
	filter, query any                  // parameters of the address, by the tag query
	in            any                  // the body's fields; what stands in one is its default
	some          bool                 // what is not sent stays
	file          string               // the field of a file
	sample        string               // a body as JSON, or what follows the path
	once          bool                 // takes an Idempotency-Key
	match         bool                 // takes If-Match
	cached        bool                 // takes If-None-Match
	socket        bool                 // is a websocket
	good          map[int]string       // the answers when all is well
	out           any                  // what they hold
	kind          string               // of what is no JSON
	headers       map[string]docHeader // of them
	bad           map[int]string       // failures of its own
	sure          bool                 // it needs nothing that could be away
}

func parametersOf(r Route) []parameter {
	var out []parameter
	e := r.Doc
	for part := range strings.SplitSeq(r.Path, "/") {
		switch part {
		case ":id":
			out = append(out, parameter{"id", "path", "The ticket’s number.", true, &schema{Type: "integer", Format: "int64", Minimum: 1}})
		case ":name":
			out = append(out, parameter{"name", "path", "The file’s name, as a ticket’s attachment has it.", true, &schema{Type: "string"}})
		}
	}
	out = append(out, queryParameters(e.filter)...)
	out = append(out, queryParameters(e.query)...)
	header := func(wanted bool, name, text string, s *schema) {
		if wanted {
			out = append(out, parameter{name, "header", text, false, s})
		}
	}
	text := &schema{Type: "string"}
	header(e.once, HeaderKey, "A name of your own for this request. The same request with the same key is done once, and gets the same answer for 24 hours.", &schema{Type: "string", MinLength: 1, MaxLength: 255})
	header(e.match, "If-Match", "The ETag or the version of the ticket that the change is meant for. 409 where it has changed since.", &schema{Type: "string", Pattern: `^(\*|(W/)?"?[1-9][0-9]{0,9}(\.[^"]*)?"?)$`})
	header(e.cached, "If-None-Match", "The ETag of what you have. 304 where it is still the same.", text)
	return out
}

// queryParameters returns the parameters that the fields of a struct with a query tag
// read, none for nil.
func queryParameters(of any) (out []parameter) {
	if of == nil {
		return nil
	}
	rules := input.RulesOf(of)
	for _, f := range reflect.VisibleFields(reflect.TypeOf(of)) {
		if name := f.Tag.Get("query"); name != "" {
			s := fieldOf(f, rules[name])
			text := s.Description
			s.Description = ""
			out = append(out, parameter{name, "query", text, rules[name].Required, s})
		}
	}
	return out
}

// bodyOf is what a route reads. Forms carry the same fields as JSON, and the file.
func bodyOf(e Doc) *requestBody {
	if e.in == nil && e.file == "" {
		return nil
	}
	body := &requestBody{Required: true, Content: map[string]mediaType{}}
	fields := &schema{Type: "object", Properties: map[string]*schema{}}
	if e.in != nil {
		fields = inputOf(e.in, e.some)
		body.Content[echo.MIMEApplicationJSON] = mediaType{Schema: fields, Example: json.RawMessage(e.sample)}
		body.Content[echo.MIMEApplicationForm] = mediaType{Schema: fields}
	}
	if e.file != "" {
		withFile := &schema{Type: "object", Properties: map[string]*schema{}, Required: fields.Required}
		for _, name := range fields.names {
			withFile.add(name, fields.Properties[name], false)
		}
		withFile.add(e.file, &schema{Type: "string", MediaType: "application/octet-stream", Description: "One file."}, e.in == nil)
		fields = withFile
	}
	body.Content[echo.MIMEMultipartForm] = mediaType{Schema: fields}
	return body
}

// failures are the statuses of what can go wrong, with what each means there.
func failures(r Route) map[int]string {
	e, out := r.Doc, map[int]string{}
	add := func(when bool, statuses ...int) {
		for _, status := range statuses {
			if when {
				out[status] = failureText[status]
			}
		}
	}
	body := e.in != nil || e.file != ""
	add(!e.sure, http.StatusInternalServerError, http.StatusServiceUnavailable)
	add(r.Access == web.SignedIn || e.socket, http.StatusUnauthorized)
	if r.Access == web.SignedIn {
		out[http.StatusForbidden] = "Your password was given out by staff: choose your own on the website first."
	}
	add(strings.Contains(r.Path, ":"), http.StatusForbidden, http.StatusNotFound)
	add(body, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	add(e.query != nil, http.StatusBadRequest)
	add(e.once, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusConflict, http.StatusUnprocessableEntity)
	if e.match {
		out[http.StatusConflict] = "The ticket has changed since; it comes along as ticket."
	}
	add(r.Method != http.MethodGet || e.query != nil, http.StatusTooManyRequests)
	add(r.Method != http.MethodGet, http.StatusInsufficientStorage)
	for status, text := range e.bad {
		out[status] = text
	}
	return out
}

var failureText = map[int]string{
	http.StatusBadRequest:            "Something in the request is wrong; fields says what.",
	http.StatusUnauthorized:          "No token, or one that is no longer valid.",
	http.StatusForbidden:             "Not visible to your account, or not allowed. A customer gets it for a ticket that does not exist, too.",
	http.StatusNotFound:              "Not found.",
	http.StatusConflict:              "The same request is still under way. Retry-After says when to ask again, in seconds.",
	http.StatusRequestEntityTooLarge: "The body or its file is too large.",
	http.StatusUnsupportedMediaType:  "The body is neither JSON nor a form.",
	http.StatusUnprocessableEntity:   "The Idempotency-Key was used for another request.",
	http.StatusTooManyRequests:       "Too many in a short time. Retry-After says when to come back, in seconds.",
	http.StatusInternalServerError:   "Something went wrong on our side, and nothing was stored. The text holds a code by which we can find the cause.",
	http.StatusServiceUnavailable:    "The desk cannot reach its database or its files. Retry-After says when to come back, in seconds.",
	http.StatusInsufficientStorage:   "A disk of the desk is full (RFC 4918), and nothing was stored. Retry-After says when to come back, in seconds.",
}

// failureHeaders are what a failure always says in its header.
func failureHeaders(e Doc, status int) map[string]docHeader {
	seconds := docHeader{"Seconds.", status != http.StatusConflict && !e.socket, &schema{Type: "integer"}}
	switch status {
	case http.StatusUnauthorized:
		return map[string]docHeader{"WWW-Authenticate": {"Bearer, with the realm.", true, &schema{Type: "string"}}}
	case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusInsufficientStorage, http.StatusConflict:
		return map[string]docHeader{echo.HeaderRetryAfter: seconds}
	}
	return nil
}
