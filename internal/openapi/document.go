// Package openapi builds a document in OpenAPI 3.1 from routes and Go structs: schemas of
// answers, of inputs with their validation rules, and of parameters. It knows no endpoint.
package openapi

import (
	"encoding/json"
	"reflect"
	"strings"
)

// Media types of bodies.
const (
	JSON      = "application/json"
	Form      = "application/x-www-form-urlencoded"
	Multipart = "multipart/form-data"
)

// Document describes an API. Its fields and those of its parts are the ones of the OpenAPI
// Specification 3.1, 4.8.
type Document struct {
	OpenAPI    string                           `json:"openapi"`
	Info       Info                             `json:"info"`
	Servers    []Server                         `json:"servers"`
	Tags       []Tag                            `json:"tags"`
	Paths      map[string]map[string]*Operation `json:"paths"` // by path, and by method in lower case
	Components Components                       `json:"components"`
	Elsewhere  Link                             `json:"externalDocs"`

	examples []any // see [New]
}

// Info has the title of an API, its introduction and its version.
type Info struct {
	Title       string  `json:"title"`
	Description string  `json:"description"`
	License     License `json:"license"`
	Version     string  `json:"version"`
}

// License is a licence, and its identifier in the SPDX list.
type License struct {
	Name string `json:"name"`
	SPDX string `json:"identifier"`
}

// Server is the address under which the paths are.
type Server struct {
	URL string `json:"url"`
}

// Tag is a group of operations.
type Tag struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// Link is a page with more documentation.
type Link struct {
	URL         string `json:"url"`
	Description string `json:"description"`
}

// Components has what operations refer to.
type Components struct {
	Schemas  Schemas        `json:"schemas"`
	Security map[string]any `json:"securitySchemes"`
}

// Operation is a method of a path.
type Operation struct {
	ID          string                `json:"operationId"`
	Tags        []string              `json:"tags"`
	Summary     string                `json:"summary"`
	Description string                `json:"description,omitempty"`
	Parameters  []Parameter           `json:"parameters,omitempty"`
	Body        *RequestBody          `json:"requestBody,omitempty"`
	Responses   map[string]*Response  `json:"responses"` // by status
	Security    []map[string][]string `json:"security"`
}

// Parameter is a parameter of the path, the query or the headers.
type Parameter struct {
	Name        string  `json:"name"`
	In          string  `json:"in"` // "path", "query" or "header"
	Description string  `json:"description,omitempty"`
	Required    bool    `json:"required,omitempty"`
	Schema      *Schema `json:"schema"`
}

// RequestBody is the body of a request.
type RequestBody struct {
	Required bool                 `json:"required"`
	Content  map[string]MediaType `json:"content"` // by media type
}

// MediaType is a body in one media type.
type MediaType struct {
	Schema  *Schema         `json:"schema,omitempty"`
	Example json.RawMessage `json:"example,omitempty"`
}

// Response is an answer.
type Response struct {
	Description string               `json:"description"`
	Headers     map[string]Header    `json:"headers,omitempty"`
	Content     map[string]MediaType `json:"content,omitempty"` // by media type
}

// Header is a header of an answer.
type Header struct {
	Description string  `json:"description"`
	Required    bool    `json:"required,omitempty"`
	Schema      *Schema `json:"schema"`
}

// New returns a document without operations. examples are the examples of bodies, one for
// each Go type.
func New(info Info, examples ...any) *Document {
	return &Document{OpenAPI: "3.1.0", Info: info, Paths: map[string]map[string]*Operation{},
		Components: Components{Schemas: Schemas{visibleText: visible}, Security: map[string]any{}}, examples: examples}
}

// Add adds an operation. path is the path of its route, such as /tickets/:id.
func (d *Document) Add(method, path string, op *Operation) {
	path = Path(path)
	if d.Paths[path] == nil {
		d.Paths[path] = map[string]*Operation{}
	}
	d.Paths[path][strings.ToLower(method)] = op
}

// Operation returns the operation of a route, or nil.
func (d *Document) Operation(method, path string) *Operation {
	return d.Paths[Path(path)][strings.ToLower(method)]
}

// Path returns a route's path with its parameters as in OpenAPI, such as /tickets/{id}.
func Path(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if name, ok := strings.CutPrefix(part, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

// Body returns the content of an answer that has v in JSON, with the example of its type. It
// panics if the example cannot be written as JSON.
func (d *Document) Body(v any) map[string]MediaType {
	out := MediaType{Schema: d.Components.Schemas.Of(v)}
	for _, example := range d.examples {
		if reflect.TypeOf(example) != reflect.TypeOf(v) {
			continue
		}
		b, err := json.Marshal(example)
		if err != nil {
			panic(err) // examples are constants of the program
		}
		out.Example = b
		break
	}
	return map[string]MediaType{JSON: out}
}
