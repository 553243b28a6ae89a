package api

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/openapi"
	"frontdesk/views"
)

// Documents has the document that describes the API, as JSON and as a page.
type Documents struct{ *core }

// Page shows the document as a page. It is the same for every user, because the API ignores
// cookies.
func (s *Documents) Page(c echo.Context) error {
	s.SetVisitorFrame(c)
	return s.Render(c, http.StatusOK, views.APIDocsPage(s.docsPage(s.Origins.Base(c))))
}

// docsPage returns the page of the document, with the routes in their order and the schemas
// by name.
func (s *Documents) docsPage(base string) views.APIDocs {
	d := s.document()
	page := views.APIDocs{Base: base}
	for _, g := range guides {
		page.Guides = append(page.Guides, views.APIGuide{Title: g.title, Text: g.text})
	}
	for _, tag := range d.Tags {
		group := views.APIGroup{Name: tag.Name}
		for _, r := range d.routes {
			if r.Doc.group == tag.Name {
				group.Endpoints = append(group.Endpoints, d.endpointPage(r))
			}
		}
		page.Groups = append(page.Groups, group)
	}
	for name, schema := range d.Components.Schemas {
		if len(schema.Names()) > 0 {
			page.Schemas = append(page.Schemas, views.APISchema{Name: name, Fields: fieldsPage(schema)})
		}
	}
	slices.SortFunc(page.Schemas, func(a, b views.APISchema) int { return strings.Compare(a.Name, b.Name) })
	return page
}

// endpointPage returns one endpoint for the page.
func (d *document) endpointPage(r Route) views.APIEndpoint {
	op := d.Operation(r.Method, r.Path)
	out := views.APIEndpoint{ID: op.ID, Method: r.Method, Path: openapi.Path(r.Path), Summary: op.Summary, Token: len(op.Security) > 0, Example: example(r)}
	if op.Description != "" {
		out.Text = strings.Split(op.Description, "\n\n")
	}
	for _, p := range op.Parameters {
		f := fieldPage(p.Name, p.Schema)
		f.Where, f.Text, f.Required = p.In, p.Description, p.Required
		out.Params = append(out.Params, f)
	}
	if op.Body != nil {
		out.Fields = fieldsPage(op.Body.Content[echo.MIMEMultipartForm].Schema)
		_, out.JSON = op.Body.Content[echo.MIMEApplicationJSON]
		out.File = r.Doc.file
	}
	for status, answer := range op.Responses {
		code, err := strconv.Atoi(status)
		if err != nil {
			continue // "default" adds nothing to the others
		}
		line := views.APIAnswer{Status: code, Text: answer.Description}
		if media, ok := answer.Content[echo.MIMEApplicationJSON]; ok {
			line.Holds = kindOf(media.Schema)
		}
		out.Answers = append(out.Answers, line)
	}
	slices.SortFunc(out.Answers, func(a, b views.APIAnswer) int { return a.Status - b.Status })
	return out
}

// fieldsPage returns the fields of an object for the page.
func fieldsPage(s *openapi.Schema) []views.APIField {
	names := s.Names()
	out := make([]views.APIField, 0, len(names))
	for _, name := range names {
		f := fieldPage(name, s.Properties[name])
		f.Required = slices.Contains(s.Required, name)
		out = append(out, f)
	}
	return out
}

// fieldPage returns one field for the page.
func fieldPage(name string, s *openapi.Schema) views.APIField {
	out := views.APIField{Name: name, Kind: kindOf(s), Text: s.Description}
	if s.Default != nil {
		out.Default = fmt.Sprint(s.Default)
	}
	return out
}

// kindOf describes in words the values that a schema allows.
func kindOf(s *openapi.Schema) views.APIKind {
	if name, ok := strings.CutPrefix(s.Ref, openapi.SchemaPath); ok {
		return views.APIKind{Schema: name}
	}
	if len(s.AnyOf) == 2 && s.AnyOf[1].Type == "null" {
		out := kindOf(s.AnyOf[0])
		out.Words += ", or null"
		return out
	}
	kind := s.Type
	null, _ := kind.([]string)
	if null != nil {
		kind = null[0]
	}
	out := views.APIKind{Words: map[any]string{"string": "text", "integer": "whole number", "boolean": "true or false", "object": "object", nil: "anything"}[kind]}
	switch {
	case kind == "array":
		out = kindOf(s.Items)
		out.List = true
	case len(s.Enum) > 0:
		out.Words = strings.Join(s.Enum, ", ")
	case s.MediaType != "":
		out.Words = "a file"
	case s.Format == "date-time":
		out.Words = "a time"
	case s.Format == "email":
		out.Words = "an e-mail address"
	}
	out.Words += bounds(s)
	if null != nil {
		out.Words += ", or null"
	}
	return out
}

// bounds describes the limits of a schema in words, or returns "".
func bounds(s *openapi.Schema) string {
	switch {
	case s.MinLength > 1 && s.MaxLength > 0:
		return fmt.Sprintf(", %d to %d characters", s.MinLength, s.MaxLength)
	case s.MaxLength > 0:
		return fmt.Sprintf(", at most %d characters", s.MaxLength)
	case s.Minimum > 0 && s.Maximum > 0:
		return fmt.Sprintf(", %d to %d", s.Minimum, s.Maximum)
	}
	return ""
}

// example returns a call for a shell, or a message for a socket.
func example(r Route) string {
	e := r.Doc
	if e.socket {
		return e.sample
	}
	lines := []string{"curl"}
	if r.Method != http.MethodGet {
		lines[0] += " -X " + r.Method
	}
	if e.kind == "*/*" {
		lines[0] += " -OJ"
	}
	query := ""
	if strings.HasPrefix(e.sample, "?") {
		query = e.sample
	}
	lines[0] += ` "$DESK` + strings.NewReplacer(":id", "1043", ":name", "NAME").Replace(r.Path) + query + `"`
	if r.Access.Level() == web.SignedIn {
		lines = append(lines, `-H "Authorization: Bearer $TOKEN"`)
	}
	switch {
	case e.in != nil:
		lines = append(lines, `-H "Content-Type: application/json"`, "-d '"+e.sample+"'")
	case e.file != "":
		lines = append(lines, "-F "+e.file+"=@photo.jpg")
	}
	return strings.Join(lines, " \\\n  ")
}
