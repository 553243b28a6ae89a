package ticketquery

import (
	"context"
	"iter"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
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
// fields have no parameter. If the filter was made from a view, the address names the view,
// and has the other parameters only where they differ from the view's: there also empty ones.
func (f Filter) Values() url.Values {
	of, query := f.viewValues(), url.Values{}
	for name, field := range f.fields() {
		if field.String() != of.Get(name) {
			query.Set(name, field.String())
		}
	}
	return query
}

// viewValues returns the parameters of the view from which f was made.
func (f Filter) viewValues() url.Values {
	query, err := url.ParseQuery(f.ViewQuery)
	if err != nil {
		return url.Values{}
	}
	return query
}

// With returns f with some parameters changed, each a name and a value.
func (f Filter) With(changes ...string) Filter {
	for i := 0; i < len(changes); i += 2 {
		for name, field := range f.fields() {
			if name == changes[i] {
				field.SetString(changes[i+1])
			}
		}
	}
	return f
}

// WithoutView returns the same filter, not as that of a view.
func (f Filter) WithoutView() Filter {
	f.View, f.ViewName, f.ViewQuery = "", "", ""
	return f
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

// Understood is a filter as lists apply it for an actor.
type Understood struct {
	Filter  Filter   // as pages show it: without the default order
	Stored  Filter   // for a saved view: a renamed category keeps its id
	Ignored []string // the parameters that lists ignore, because their values are invalid, have ended or are not allowed, sorted
}

// Understand returns how lists apply a filter for the actor. It does not regard cursors.
func (s *Service) Understand(ctx context.Context, actor account.Actor, f Filter) (Understood, error) {
	f = f.WithoutView().FirstPage()
	sel, err := s.selection(ctx, actor, f)
	if err != nil {
		return Understood{}, err
	}
	u := Understood{Filter: sel.Filter, Ignored: f.Ignored(sel.Filter)}
	if u.Filter.Sort == SortUpdated {
		u.Filter.Sort = ""
	}
	u.Stored = u.Filter
	if sel.category != 0 {
		u.Stored.Category = strconv.FormatInt(sel.category, 10)
	}
	return u, nil
}

// Ignored returns the names of the parameters of f that a list ignores, sorted. applied is the filter
// as the list applies it. Cursors and views are not regarded.
func (f Filter) Ignored(applied Filter) (names []string) {
	f, applied = f.WithoutView().FirstPage(), applied.WithoutView().FirstPage()
	query := applied.Values()
	for name := range f.Values() {
		isReplaced := name == "sort" && f.Sort != applied.Sort || name == "status" && f.Status != applied.Status
		if !query.Has(name) || isReplaced {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Names returns the names of all parameters of filters, in the order of the fields.
func (f Filter) Names() (names []string) {
	for name := range f.fields() {
		names = append(names, name)
	}
	return names
}
