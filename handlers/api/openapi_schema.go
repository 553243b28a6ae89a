package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"frontdesk/handlers/web"
	"frontdesk/internal/input"
)

// schema is a JSON Schema (2020-12), with the keywords that the document uses.
type schema struct {
	Ref         string             `json:"$ref,omitempty"`
	Type        any                `json:"type,omitempty"` // a name, or a list of them
	Format      string             `json:"format,omitempty"`
	Description string             `json:"description,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Default     any                `json:"default,omitempty"`
	MinLength   int                `json:"minLength,omitempty"`
	MaxLength   int                `json:"maxLength,omitempty"`
	Minimum     int                `json:"minimum,omitempty"`
	Maximum     int                `json:"maximum,omitempty"`
	Pattern     pattern            `json:"pattern,omitempty"`
	AllOf       []*schema          `json:"allOf,omitempty"`
	AnyOf       []*schema          `json:"anyOf,omitempty"`
	MediaType   string             `json:"contentMediaType,omitempty"`
	Items       *schema            `json:"items,omitempty"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Additional  any                `json:"additionalProperties,omitempty"` // false, or a schema
	names       []string           // of the properties, in the order of the struct
}

// schemas are the named schemas of the document.
type schemas map[string]*schema

// SchemaPath is the beginning of a reference to a named schema.
const SchemaPath = "#/components/schemas/"

// pattern is a regular expression. It is written in ASCII, with JSON escapes for all other
// characters, because many of them are invisible.
type pattern string

// MarshalJSON implements [json.Marshaler].
func (p pattern) MarshalJSON() ([]byte, error) {
	b := []byte{'"'}
	for _, r := range string(p) {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < utf8.RuneSelf:
			b = append(b, byte(r))
		case r < 0x10000:
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			b = fmt.Appendf(b, `\u%04x\u%04x`, high, low)
		}
	}
	return append(b, '"'), nil
}

// of returns the schema of a value in an answer. A struct gets a named schema that allows no
// other fields.
func (all schemas) of(v any) *schema {
	if v == nil {
		return &schema{Type: "object"}
	}
	return all.ofType(reflect.TypeOf(v))
}

// ofType returns the schema of a Go type in an answer.
func (all schemas) ofType(t reflect.Type) *schema {
	switch {
	case t == reflect.TypeFor[web.JSONTime]():
		return &schema{Type: "string", Format: "date-time"}
	case t == reflect.TypeFor[json.RawMessage]():
		return &schema{}
	}
	switch t.Kind() {
	case reflect.Pointer:
		inner := all.ofType(t.Elem())
		if name, ok := inner.Type.(string); ok {
			inner.Type = []string{name, "null"}
		}
		return inner
	case reflect.Slice:
		return &schema{Type: "array", Items: all.ofType(t.Elem())}
	case reflect.Map:
		return &schema{Type: "object", Additional: all.ofType(t.Elem())}
	case reflect.Struct:
		return all.named(t)
	}
	return plain(t.Kind())
}

// named returns a reference to the schema of a struct, which it adds if it is new.
func (all schemas) named(t reflect.Type) *schema {
	name := strings.TrimPrefix(t.Name(), "JSON")
	name = strings.ToUpper(name[:1]) + name[1:]
	if all[name] == nil {
		out := &schema{Type: "object", Properties: map[string]*schema{}, Additional: false}
		all[name] = out
		for f := range t.Fields() {
			tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			field := all.ofType(f.Type)
			field.Description, field.Enum = f.Tag.Get("doc"), strings.Fields(f.Tag.Get("enum"))
			out.add(tag, field, options != "omitempty")
		}
	}
	return &schema{Ref: SchemaPath + name}
}

// add adds a property to the schema of an object.
func (s *schema) add(name string, field *schema, required bool) {
	s.Properties[name] = field
	s.names = append(s.names, name)
	if required {
		s.Required = append(s.Required, name)
	}
}

// plain returns the schema of a Boolean, a whole number, or else a text.
func plain(kind reflect.Kind) *schema {
	switch kind {
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.Int, reflect.Int32:
		return &schema{Type: "integer", Format: "int32"}
	case reflect.Int64:
		return &schema{Type: "integer", Format: "int64"}
	}
	return &schema{Type: "string"}
}

// inputOf returns the schema of an input, with the validation rules that pages use too. The
// values in of are the defaults. If some is true, no field is required. Other fields are
// allowed, because the API ignores them.
func inputOf(of any, some bool) *schema {
	out := &schema{Type: "object", Properties: map[string]*schema{}}
	rules := input.RulesOf(of)
	v := reflect.ValueOf(of)
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
		out.add(name, field, rule.Required && !some && preset.IsZero())
	}
	return out
}

// fieldOf returns the schema of one field with its rules.
func fieldOf(f reflect.StructField, rule input.Rule) *schema {
	s := plain(f.Type.Kind())
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
func (s *schema) bound(rule input.Rule) {
	s.MinLength, s.MaxLength = rule.Min, rule.Max
	if rule.Required {
		s.MinLength = cmp.Or(rule.Min, 1)
	}
	if rule.Email {
		s.Format = "email"
	}
	s.Pattern = pattern(rule.Pattern)
	if rule.Visible {
		s.AllOf = []*schema{{Ref: SchemaPath + visibleText}}
	}
}

// visibleText is the name of the schema that required texts share.
const visibleText = "VisibleText"
