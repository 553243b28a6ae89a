package api

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/input"
)

// Document describes the API in OpenAPI 3.1. It is made from the routes, the structs of
// inputs and answers, and the descriptions of the endpoints.
type Document struct {
	routes []Route

	OpenAPI    string                           `json:"openapi"`
	Info       docInfo                          `json:"info"`
	Servers    []docServer                      `json:"servers"`
	Tags       []docTag                         `json:"tags"`
	Paths      map[string]map[string]*operation `json:"paths"`
	Components docComponents                    `json:"components"`
	Elsewhere  docLink                          `json:"externalDocs"`
}

type docInfo struct {
	Title       string     `json:"title"`
	Description string     `json:"description"`
	License     docLicense `json:"license"`
	Version     string     `json:"version"`
}

type docLicense struct {
	Name string `json:"name"`
	SPDX string `json:"identifier"`
}

type docServer struct {
	URL string `json:"url"`
}

type docTag struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

type docLink struct {
	URL         string `json:"url"`
	Description string `json:"description"`
}

type docComponents struct {
	Schemas  schemas        `json:"schemas"`
	Security map[string]any `json:"securitySchemes"`
}

// operation is one route.
type operation struct {
	ID          string                `json:"operationId"`
	Tags        []string              `json:"tags"`
	Summary     string                `json:"summary"`
	Description string                `json:"description,omitempty"`
	Parameters  []parameter           `json:"parameters,omitempty"`
	Body        *requestBody          `json:"requestBody,omitempty"`
	Responses   map[string]*response  `json:"responses"`
	Security    []map[string][]string `json:"security"`
}

type parameter struct {
	Name        string  `json:"name"`
	In          string  `json:"in"`
	Description string  `json:"description,omitempty"`
	Required    bool    `json:"required,omitempty"`
	Schema      *schema `json:"schema"`
}

type requestBody struct {
	Required bool                 `json:"required"`
	Content  map[string]mediaType `json:"content"`
}

type mediaType struct {
	Schema  *schema         `json:"schema,omitempty"`
	Example json.RawMessage `json:"example,omitempty"`
}

type response struct {
	Description string               `json:"description"`
	Headers     map[string]docHeader `json:"headers,omitempty"`
	Content     map[string]mediaType `json:"content,omitempty"`
}

type docHeader struct {
	Description string  `json:"description"`
	Required    bool    `json:"required,omitempty"`
	Schema      *schema `json:"schema"`
}

// describe returns the document of the given routes.
func (s *API) describe(routes []Route) *Document {
	d := &Document{
		routes:  routes,
		OpenAPI: "3.1.0",
		Info:    docInfo{Title: s.Cfg.DeskName + " API", Description: guideText(), License: docLicense{"MIT", "MIT"}, Version: "1.0.0"},
		Servers: []docServer{{URL: cmp.Or(s.Public, "/")}}, // "/" is relative to the document's address

		Paths: map[string]map[string]*operation{},
		Components: docComponents{Schemas: schemas{}, Security: map[string]any{
			"bearer": map[string]string{"type": "http", "scheme": "bearer", "description": "A token from /api/auth/login, or a personal token from the account page."},
		}},
		Elsewhere: docLink{URL: s.Public + "/api/docs", Description: "This document as a page."},
	}
	for _, r := range routes {
		path := DocPath(r.Path)
		if d.Paths[path] == nil {
			d.Paths[path] = map[string]*operation{}
		}
		d.Paths[path][strings.ToLower(r.Method)] = d.operation(r)
	}
	for _, group := range groups {
		d.Tags = append(d.Tags, docTag{group.name, group.text})
	}
	d.Components.Schemas[visibleText] = &schema{Type: "string", Pattern: input.VisiblePattern,
		Description: "Text with at least one visible character. Spaces, control and format characters, fillers and combining marks are not visible. The pattern is for ECMA-262 with the flag u."}
	for _, data := range []any{web.JSONMessage{}, web.JSONComment{}, web.JSONUpdated{}, web.JSONAnswer{}} {
		event := d.Components.Schemas["Event"].Properties["data"]
		event.AnyOf = append(event.AnyOf, d.Components.Schemas.of(data))
	}
	return d
}

// DocPath returns a route's path with its parameters as in OpenAPI, such as {id}.
func DocPath(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if name, ok := strings.CutPrefix(part, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

// operation returns the description of one route.
func (d *Document) operation(r Route) *operation {
	e := r.Doc
	op := &operation{ID: e.id, Tags: []string{e.group}, Summary: e.summary, Description: e.text,
		Parameters: parametersOf(r), Body: bodyOf(e), Responses: map[string]*response{}, Security: []map[string][]string{}}
	if r.Access == web.SignedIn || e.socket {
		op.Security = append(op.Security, map[string][]string{"bearer": {}})
	}
	if e.socket {
		op.Security = append(op.Security, map[string][]string{}) // or a ticket in the query
	}
	for status, text := range e.good {
		op.Responses[strconv.Itoa(status)] = d.answer(r, status, text)
	}
	for status, text := range failures(r) {
		op.Responses[strconv.Itoa(status)] = &response{Description: text, Headers: failureHeaders(e, status),
			Content: d.json(web.JSONError{})}
	}
	if e.sure { // net/http may answer 400 at every address; these endpoints have no other failure
		op.Responses["400"] = &response{Description: "The request cannot be read as HTTP.", Content: map[string]mediaType{echo.MIMETextPlain: {Schema: text}}}
	}
	if e.socket {
		op.Responses["default"] = &response{Description: "Any other failure.", Content: d.json(web.JSONError{})}
	}
	return op
}

// json returns the content of an answer with v, with an example.
func (d *Document) json(v any) map[string]mediaType {
	out := mediaType{Schema: d.Components.Schemas.of(v)}
	if sample := sampleOf(v); sample != nil {
		out.Example = web.ToJSON(sample)
	}
	return map[string]mediaType{echo.MIMEApplicationJSON: out}
}

// answer returns the description of a successful answer.
func (d *Document) answer(r Route, status int, text string) *response {
	e := r.Doc
	out := &response{Description: text, Headers: maps.Clone(e.headers)}
	switch {
	case status == http.StatusNoContent || status >= 300:
		out.Headers = nil
	case e.kind != "":
		out.Content = map[string]mediaType{e.kind: {}}
	default:
		out.Content = d.json(e.out)
	}
	return out
}

// OpenAPI answers with the document.
func (s *API) OpenAPI(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-cache")
	return sendJSON(c, http.StatusOK, s.document())
}
