package api

import (
	"cmp"
	"maps"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/openapi"
)

// document describes the API. It is made from the routes, the structs of inputs and answers,
// and the descriptions of the endpoints.
type document struct {
	*openapi.Document
	routes []Route
}

// describe returns the document of the given routes.
func (s *core) describe(routes []Route) *document {
	d := &document{openapi.New(openapi.Info{Title: s.Cfg.DeskName + " API", Description: guideText(), License: openapi.License{Name: "MIT", SPDX: "MIT"}, Version: "1.0.0"}, samples...), routes}
	d.Servers = []openapi.Server{{URL: cmp.Or(s.Origins.Public, "/")}} // "/" is relative to the document's address
	d.Elsewhere = openapi.Link{URL: s.Origins.Public + "/api/docs", Description: "This document as a page."}
	d.Components.Security["bearer"] = map[string]string{"type": "http", "scheme": "bearer", "description": "A token from /api/auth/login, or a personal token from the account page."}
	for _, r := range routes {
		d.Add(r.Method, r.Path, d.operation(r))
	}
	for _, group := range groups {
		d.Tags = append(d.Tags, openapi.Tag{Name: group.name, Description: group.text})
	}
	for _, data := range []any{web.JSONMessage{}, web.JSONComment{}, web.JSONUpdated{}, web.JSONAnswer{}} {
		event := d.Components.Schemas["Event"].Properties["data"]
		event.AnyOf = append(event.AnyOf, d.Components.Schemas.Of(data))
	}
	return d
}

// operation returns the description of one route.
func (d *document) operation(r Route) *openapi.Operation {
	e := r.Doc
	op := &openapi.Operation{ID: e.id, Tags: []string{e.group}, Summary: e.summary, Description: e.text,
		Parameters: parametersOf(r), Body: e.body(), Responses: map[string]*openapi.Response{}, Security: []map[string][]string{}}
	if r.Access.Level() == web.SignedIn || e.socket {
		op.Security = append(op.Security, map[string][]string{"bearer": {}})
	}
	if e.socket {
		op.Security = append(op.Security, map[string][]string{}) // or a ticket in the query
	}
	for status, text := range e.good {
		op.Responses[strconv.Itoa(status)] = d.answer(r, status, text)
	}
	for status, text := range failures(r) {
		op.Responses[strconv.Itoa(status)] = &openapi.Response{Description: text, Headers: failureHeaders(e, status),
			Content: d.Body(web.JSONError{})}
	}
	if e.sure { // net/http may answer 400 at every address; these endpoints have no other failure
		op.Responses["400"] = &openapi.Response{Description: "The request cannot be read as HTTP.", Content: map[string]openapi.MediaType{echo.MIMETextPlain: {Schema: text}}}
	}
	if e.socket {
		op.Responses["default"] = &openapi.Response{Description: "Any other failure.", Content: d.Body(web.JSONError{})}
	}
	return op
}

// answer returns the description of a successful answer.
func (d *document) answer(r Route, status int, text string) *openapi.Response {
	e := r.Doc
	out := &openapi.Response{Description: text, Headers: maps.Clone(e.headers)}
	switch {
	case status == http.StatusNoContent || status >= 300:
		out.Headers = nil
	case e.kind != "":
		out.Content = map[string]openapi.MediaType{e.kind: {}}
	default:
		out.Content = d.Body(e.out)
	}
	return out
}

// OpenAPI answers with the document.
func (s *Documents) OpenAPI(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-cache")
	return sendJSON(c, http.StatusOK, s.document())
}
