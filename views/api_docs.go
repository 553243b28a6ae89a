package views

import "strings"

// APIDocs is the API's document, laid out for reading.
type APIDocs struct {
	Base    string // the address of this desk
	Guides  []APIGuide
	Groups  []APIGroup
	Schemas []APISchema
}

// APIGuide is what holds for all endpoints.
type APIGuide struct{ Title, Text string }

// APIGroup is some endpoints under one heading.
type APIGroup struct {
	Name      string
	Endpoints []APIEndpoint
}

func (g APIGroup) id() string { return "part-" + slug(g.Name) }

// APIEndpoint is one method of one path.
type APIEndpoint struct {
	ID, Method, Path, Summary string
	Text                      []string // paragraphs
	Token                     bool     // it asks for one
	JSON                      bool     // the body may be JSON
	File                      string   // the field of a file
	Params, Fields            []APIField
	Answers                   []APIAnswer
	Example                   string
}

// bodyText says how the body is sent.
func (e APIEndpoint) bodyText() string {
	switch {
	case e.File == "":
		return "As JSON, or as a form."
	case e.JSON:
		return "As JSON, or with a file as multipart/form-data."
	}
	return "As multipart/form-data."
}

// APIField is one parameter, or one field of an object.
type APIField struct {
	Name, Where, Text, Default string
	Kind                       APIKind
	Required                   bool
}

// APIKind is what a field may hold: words, or a schema by its name.
type APIKind struct {
	Words, Schema string
	List          bool
}

// APIAnswer is one status.
type APIAnswer struct {
	Status int
	Text   string
	Holds  APIKind
}

// APISchema is what answers hold under one name.
type APISchema struct {
	Name   string
	Fields []APIField
}

// slug makes a fragment of a heading.
func slug(words string) string { return strings.ReplaceAll(strings.ToLower(words), " ", "-") }
