package openapi

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Schema is a JSON Schema (2020-12), with the keywords that the document uses.
type Schema struct {
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
	Pattern     Pattern            `json:"pattern,omitempty"`
	AllOf       []*Schema          `json:"allOf,omitempty"`
	AnyOf       []*Schema          `json:"anyOf,omitempty"`
	MediaType   string             `json:"contentMediaType,omitempty"`
	Items       *Schema            `json:"items,omitempty"`
	MaxItems    int                `json:"maxItems,omitempty"`
	Properties  map[string]*Schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Additional  any                `json:"additionalProperties,omitempty"` // false, or a schema
	names       []string           // of the properties, in the order of the struct
}

// Schemas are the named schemas of the document.
type Schemas map[string]*Schema

// SchemaPath is the beginning of a reference to a named schema.
const SchemaPath = "#/components/schemas/"

// Pattern is a regular expression. It is written in ASCII, with JSON escapes for all other
// characters, because many of them are invisible.
type Pattern string

// MarshalJSON implements [json.Marshaler].
func (p Pattern) MarshalJSON() ([]byte, error) {
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

// Of returns the schema of a value in an answer. A struct gets a named schema that allows no
// other fields.
func (all Schemas) Of(v any) *Schema {
	if v == nil {
		return &Schema{Type: "object"}
	}
	return all.ofType(reflect.TypeOf(v))
}

// ofType returns the schema of a Go type in an answer.
func (all Schemas) ofType(t reflect.Type) *Schema {
	switch {
	case t.ConvertibleTo(reflect.TypeFor[time.Time]()):
		return &Schema{Type: "string", Format: "date-time"}
	case t == reflect.TypeFor[json.RawMessage]():
		return &Schema{}
	}
	switch t.Kind() {
	case reflect.Pointer:
		inner := all.ofType(t.Elem())
		if inner.Ref != "" {
			return &Schema{AnyOf: []*Schema{inner, {Type: "null"}}}
		}
		if name, ok := inner.Type.(string); ok {
			inner.Type = []string{name, "null"}
		}
		return inner
	case reflect.Slice:
		return &Schema{Type: "array", Items: all.ofType(t.Elem())}
	case reflect.Map:
		return &Schema{Type: "object", Additional: all.ofType(t.Elem())}
	case reflect.Struct:
		return all.named(t)
	}
	return plain(t.Kind())
}

// named returns a reference to the schema of a struct, which it adds if it is new.
func (all Schemas) named(t reflect.Type) *Schema {
	name := strings.TrimPrefix(t.Name(), "JSON")
	name = strings.ToUpper(name[:1]) + name[1:]
	if all[name] == nil {
		out := &Schema{Type: "object", Properties: map[string]*Schema{}, Additional: false}
		all[name] = out
		for _, f := range reflect.VisibleFields(t) {
			if f.Anonymous {
				continue
			}
			tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			field := all.ofType(f.Type)
			field.Description, field.Enum = f.Tag.Get("doc"), strings.Fields(f.Tag.Get("enum"))
			out.add(tag, field, options != "omitempty")
		}
	}
	return &Schema{Ref: SchemaPath + name}
}

// Names returns the names of the properties of an object, in the order of its struct.
func (s *Schema) Names() []string { return slices.Clone(s.names) }

// add adds a property to the schema of an object.
func (s *Schema) add(name string, field *Schema, required bool) {
	s.Properties[name] = field
	s.names = append(s.names, name)
	if required {
		s.Required = append(s.Required, name)
	}
}

// plain returns the schema of a Boolean, a whole number, or else a text.
func plain(kind reflect.Kind) *Schema {
	switch kind {
	case reflect.Bool:
		return &Schema{Type: "boolean"}
	case reflect.Int, reflect.Int32:
		return &Schema{Type: "integer", Format: "int32"}
	case reflect.Int64:
		return &Schema{Type: "integer", Format: "int64"}
	}
	return &Schema{Type: "string"}
}
