package ticketquery

import (
	"iter"
	"net/url"
	"reflect"
	"strings"
)

// ReadFilter returns the filter of the query of an address: each field from the parameter
// that its `form` tag names, without spaces around it. It ignores other parameters.
func ReadFilter(query url.Values) (f Filter) {
	for name, field := range f.fields() {
		field.SetString(strings.TrimSpace(query.Get(name)))
	}
	return f
}

// Values returns the filter as the query of an address, which [ReadFilter] reads. Empty
// fields have no parameter.
func (f Filter) Values() url.Values {
	query := url.Values{}
	for name, field := range f.fields() {
		if field.String() != "" {
			query.Set(name, field.String())
		}
	}
	return query
}

// FirstPage returns the filter without cursors.
func (f Filter) FirstPage() Filter {
	f.After, f.Before = "", ""
	return f
}

// fields returns the fields of f that have a `form` tag, by its value.
func (f *Filter) fields() iter.Seq2[string, reflect.Value] {
	return func(yield func(string, reflect.Value) bool) {
		v := reflect.ValueOf(f).Elem()
		for i := range v.NumField() {
			if name := v.Type().Field(i).Tag.Get("form"); name != "" && !yield(name, v.Field(i)) {
				return
			}
		}
	}
}
