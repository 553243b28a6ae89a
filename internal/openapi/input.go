package openapi

import (
	"cmp"
	"encoding/json"
	"math"
	"reflect"
	"slices"

	"frontdesk/internal/input"
)

// QueryParameters returns a parameter for each field of a struct with the tag query, or none
// for nil.
func QueryParameters(of any) (out []Parameter) {
	if of == nil {
		return nil
	}
	rules := input.RulesOf(of)
	for _, f := range reflect.VisibleFields(reflect.TypeOf(of)) {
		if name := f.Tag.Get("query"); name != "" {
			s := fieldOf(f, rules[name])
			text := s.Description
			s.Description = ""
			out = append(out, Parameter{name, "query", text, rules[name].Required, s})
		}
	}
	return out
}

// Input describes the body of a request.
type Input struct {
	Struct   any      // a struct with the tags json, form and validate; its values are the defaults
	Some     bool     // all fields are optional
	Optional []string // fields that are optional, beside those with a default
	File     string   // the field of a file; "" for none
	Sample   string   // an example of Struct in JSON
}

// Body returns the description of a request's body, or nil if it has none. Forms have the
// same fields as JSON, and the file.
func (in Input) Body() *RequestBody {
	if in.Struct == nil && in.File == "" {
		return nil
	}
	body := &RequestBody{Required: true, Content: map[string]MediaType{}}
	fields := &Schema{Type: "object", Properties: map[string]*Schema{}}
	if in.Struct != nil {
		fields = in.schema()
		body.Content[JSON] = MediaType{Schema: fields, Example: json.RawMessage(in.Sample)}
		body.Content[Form] = MediaType{Schema: fields}
	}
	if in.File != "" {
		withFile := &Schema{Type: "object", Properties: map[string]*Schema{}, Required: fields.Required}
		for _, name := range fields.names {
			withFile.add(name, fields.Properties[name], false)
		}
		withFile.add(in.File, &Schema{Type: "string", MediaType: "application/octet-stream", Description: "One file."}, in.Struct == nil)
		fields = withFile
	}
	body.Content[Multipart] = MediaType{Schema: fields}
	return body
}

// schema returns the schema of in.Struct with its validation rules. Other fields are
// allowed, because an API ignores them.
func (in Input) schema() *Schema {
	out := &Schema{Type: "object", Properties: map[string]*Schema{}}
	rules := input.RulesOf(in.Struct)
	v := reflect.ValueOf(in.Struct)
	for _, f := range reflect.VisibleFields(v.Type()) {
		name := f.Tag.Get("json")
		if name == "" || name == "-" {
			continue
		}
		rule, preset := rules[f.Tag.Get("form")], v.FieldByIndex(f.Index)
		field := fieldOf(f, rule)
		if !preset.IsZero() {
			field.Default = preset.Interface()
		}
		out.add(name, field, rule.Required && preset.IsZero() && !in.Some && !slices.Contains(in.Optional, name))
	}
	return out
}

// fieldOf returns the schema of one field with its rules.
func fieldOf(f reflect.StructField, rule input.Rule) *Schema {
	s := plain(f.Type.Kind())
	if f.Type.Kind() == reflect.Slice {
		s = &Schema{Type: "array", Items: plain(f.Type.Elem().Kind()), MaxItems: rule.Max}
		rule = input.Rule{}
	}
	s.Description, s.Enum = f.Tag.Get("doc"), rule.OneOf
	switch {
	case s.Format == "int32":
		s.Minimum, s.Maximum = cmp.Or(rule.Min, math.MinInt32), cmp.Or(rule.Max, math.MaxInt32)
	case s.Type != "string":
		s.Minimum, s.Maximum = rule.Min, rule.Max
	case rule.OneOf == nil:
		s.bound(rule)
	}
	return s
}

// bound adds the validation rules of a text.
func (s *Schema) bound(rule input.Rule) {
	s.MinLength, s.MaxLength = rule.Min, rule.Max
	if rule.Required {
		s.MinLength = cmp.Or(rule.Min, 1)
	}
	if rule.Email {
		s.Format = "email"
	}
	s.Pattern = Pattern(rule.Pattern)
	if rule.Visible {
		s.AllOf = []*Schema{{Ref: SchemaPath + visibleText}}
	}
}

// visibleText is the name of the schema that required texts share.
const visibleText = "VisibleText"

// visible is the schema of [visibleText].
var visible = &Schema{Type: "string", Pattern: input.VisiblePattern,
	Description: "Text with at least one visible character. Spaces, control and format characters, fillers and combining marks are not visible. The pattern is for ECMA-262 with the flag u."}
