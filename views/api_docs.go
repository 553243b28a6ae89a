package views

import "strings"

// APIDocs is the data of the API's reference page.
type APIDocs struct {
	Base    string // the URL of the desk
	Guides  []APIGuide
	Groups  []APIGroup
	Schemas []APISchema
}

// APIGuide is a section about all endpoints.
type APIGuide struct{ Title, Text string }

// APIGroup is the endpoints under one heading.
type APIGroup struct {
	Name      string
	Endpoints []APIEndpoint
}

func (g APIGroup) id() string { return "part-" + slug(g.Name) }

// APIEndpoint is one method of one path.
type APIEndpoint struct {
	ID, Method, Path, Summary string
	Text                      []string // paragraphs
	Token                     bool     // it requires a token
	JSON                      bool     // the body may be JSON
	File                      string   // the field of a file
	Params, Fields            []APIField
	Answers                   []APIAnswer
	Example                   string
}

// bodyText returns the formats in which the body may be sent.
func (e APIEndpoint) bodyText() string {
	switch {
	case e.File == "":
		return "As JSON, or as a form."
	case e.JSON:
		return "As JSON, or with a file as multipart/form-data."
	}
	return "As multipart/form-data."
}

// APIField is a parameter, or a field of an object.
type APIField struct {
	Name, Where, Text, Default string
	Kind                       APIKind
	Required                   bool
}

// APIKind is the type of a field: a text, or the name of a schema.
type APIKind struct {
	Words, Schema string
	List          bool
}

// APIAnswer is one status of an endpoint.
type APIAnswer struct {
	Status int
	Text   string
	Holds  APIKind
}

// APISchema is an object of the answers.
type APISchema struct {
	Name   string
	Fields []APIField
}

// slug returns the id of a heading.
func slug(words string) string { return strings.ReplaceAll(strings.ToLower(words), " ", "-") }
