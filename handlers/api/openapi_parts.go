package api

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/input"
	"frontdesk/internal/openapi"
)

// Doc is the description of an endpoint, beside what follows from its path and its structs.
type Doc struct {
	group, id     string
	summary, text string
	filter, query any                       // structs of the query's parameters, with the tag query
	in            any                       // the struct of the body; its values are the defaults
	some          bool                      // all fields of the body are optional
	optional      []string                  // fields of the body that may be left out, beside those with a default
	file          string                    // the field of a file
	sample        string                    // an example: a body as JSON, or a query that begins with "?"
	once          bool                      // accepts an Idempotency-Key
	match         bool                      // accepts If-Match
	cached        bool                      // accepts If-None-Match
	socket        bool                      // is a websocket
	good          map[int]string            // descriptions of the successful answers, by status
	out           any                       // the body of these answers
	kind          string                    // their media type; "" for JSON
	headers       map[string]openapi.Header // their headers
	bad           map[int]string            // failures that only this endpoint has, by status
	sure          bool                      // cannot fail, because it needs neither database nor files
}

// parametersOf returns the parameters of a route: of its path, its query and its headers.
func parametersOf(r Route) []openapi.Parameter {
	var out []openapi.Parameter
	e := r.Doc
	for part := range strings.SplitSeq(r.Path, "/") {
		name, isParameter := strings.CutPrefix(part, ":")
		if !isParameter {
			continue
		}
		schema := &openapi.Schema{Type: "integer", Format: "int64", Minimum: 1}
		if name == "name" {
			schema = &openapi.Schema{Type: "string"}
		}
		out = append(out, openapi.Parameter{Name: name, In: "path", Description: pathText(r.Path, name), Required: true, Schema: schema})
	}
	out = append(out, openapi.QueryParameters(e.filter)...)
	out = append(out, openapi.QueryParameters(e.query)...)
	header := func(wanted bool, name, text string, s *openapi.Schema) {
		if wanted {
			out = append(out, openapi.Parameter{Name: name, In: "header", Description: text, Schema: s})
		}
	}
	header(e.once, HeaderKey, "A key that you choose for this request. For "+input.Duration(desk.AnswerKept)+" the same request with the same key is performed once, and gets the same answer.", &openapi.Schema{Type: "string", MinLength: 1, MaxLength: 255})
	header(e.match, "If-Match", "The ETag or the version of the ticket that you change. If the ticket has changed since, the answer is 409.", &openapi.Schema{Type: "string", Pattern: `^(\*|(W/)?"?[1-9][0-9]{0,9}(\.[^"]*)?"?)$`})
	header(e.cached, "If-None-Match", "The ETag of your copy. If it is still current, the answer is 304.", text)
	return out
}

// pathText returns the description of a parameter of a path.
func pathText(path, name string) string {
	switch {
	case name == "seq":
		return "The note’s sequence number in the log of the ticket."
	case name == "name":
		return "The name at the end of a ticket’s attachment."
	case name == "user":
		return "The id of the member of staff."
	case strings.HasPrefix(path, "/api/tickets/"), strings.HasPrefix(path, "/api/notifications/"):
		return "The ticket’s number."
	}
	return "Its id, as in the list."
}

// body returns the description of the body of a request, or nil if it has none.
func (e Doc) body() *openapi.RequestBody {
	return openapi.Input{Struct: e.in, Some: e.some, Optional: e.optional, File: e.file, Sample: e.sample}.Body()
}

// failures returns the descriptions of a route's failures, by status.
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
	add(r.Access.Level() == web.SignedIn || e.socket, http.StatusUnauthorized)
	if r.Access.Level() == web.SignedIn {
		out[http.StatusForbidden] = "Your password was set by staff. Choose your own on the website first."
	}
	add(strings.Contains(r.Path, ":"), http.StatusForbidden, http.StatusNotFound)
	add(body, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	add(e.query != nil, http.StatusBadRequest)
	add(e.once, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusConflict, http.StatusUnprocessableEntity)
	if e.match {
		out[http.StatusConflict] = "The ticket has changed since. The answer has it as ticket."
	}
	add(r.Method != http.MethodGet || e.query != nil, http.StatusTooManyRequests)
	add(r.Method != http.MethodGet, http.StatusInsufficientStorage)
	for status, text := range e.bad {
		out[status] = text
	}
	return out
}

// failureText are the descriptions of failures that are the same for all routes.
var failureText = map[int]string{
	http.StatusBadRequest:            "The request is not valid. fields has the errors by field.",
	http.StatusUnauthorized:          "The token is missing or no longer valid.",
	http.StatusForbidden:             "Not visible to your account, or not allowed. Customers also get this status for a ticket that does not exist.",
	http.StatusNotFound:              "Not found.",
	http.StatusConflict:              "The same request is still in progress. Retry-After is the number of seconds to wait.",
	http.StatusRequestEntityTooLarge: "The body or its file is too large.",
	http.StatusUnsupportedMediaType:  "The body is neither JSON nor a form.",
	http.StatusUnprocessableEntity:   "The Idempotency-Key was used for another request.",
	http.StatusTooManyRequests:       "Too many requests in a short time. Retry-After is the number of seconds to wait.",
	http.StatusInternalServerError:   "Something went wrong on our side, and nothing was stored. The text has the id of the request (“Reference”).",
	http.StatusServiceUnavailable:    "The desk cannot reach its database or its files. Retry-After is the number of seconds to wait.",
	http.StatusInsufficientStorage:   "A disk of the desk is full (RFC 4918), and nothing was stored. Retry-After is the number of seconds to wait.",
}

// failureHeaders returns the headers of a failure.
func failureHeaders(e Doc, status int) map[string]openapi.Header {
	seconds := openapi.Header{Description: "Seconds.", Required: status != http.StatusConflict && !e.socket, Schema: &openapi.Schema{Type: "integer"}}
	switch status {
	case http.StatusUnauthorized:
		return map[string]openapi.Header{"WWW-Authenticate": always("Bearer, with the realm.")}
	case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusInsufficientStorage, http.StatusConflict:
		return map[string]openapi.Header{echo.HeaderRetryAfter: seconds}
	}
	return nil
}
