package ticketquery

import (
	"context"
	"iter"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"frontdesk/internal/account"
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

// UnknownParameters returns the names of the parameters that [ReadFilter] ignores, sorted.
func UnknownParameters(query url.Values) []string {
	unknown := maps.Clone(query)
	for name := range new(Filter).fields() {
		delete(unknown, name)
	}
	return slices.Sorted(maps.Keys(unknown))
}

// Understand returns the filter as lists apply it for the actor, and the parameters that
// lists ignore, because their values are invalid, have ended or are not allowed.
func (s *Service) Understand(ctx context.Context, actor account.Actor, f Filter) (applied Filter, ignored []string, err error) {
	sel, err := s.selection(ctx, actor, f)
	if err != nil {
		return Filter{}, nil, err
	}
	return sel.Filter, f.Ignored(sel.Filter), nil
}

// Ignored returns the names of the parameters of f that are not in applied, the filter that
// a list applied for it, sorted.
func (f Filter) Ignored(applied Filter) (names []string) {
	query := applied.Values()
	for name := range f.Values() {
		if !query.Has(name) || name == "sort" && f.Sort != applied.Sort {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
