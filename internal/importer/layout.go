package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// Mapping names tables and columns of the source that have other names than in the first
// system. Its keys are the models User, Ticket, Comment and Message.
type Mapping map[string]struct {
	Table   string            `json:"table"`
	Columns map[string]string `json:"columns"` // field → name of the column
}

// ReadMapping reads a mapping from a JSON file. It returns an error for a model or field
// that is not known.
func ReadMapping(path string) (Mapping, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the mapping cannot be read: %w", err)
	}
	defer f.Close()
	var m Mapping
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return nil, fmt.Errorf(`the mapping %s cannot be read: %w; an example: {"User": {"table": "people", "columns": {"password": "secret"}}}`, path, err)
	}
	return m, m.check()
}

// check returns an error for a model or a field that does not exist.
func (m Mapping) check() error {
	for name, given := range m {
		i := slices.IndexFunc(models, func(model model) bool { return model.name == name })
		if i < 0 {
			return fmt.Errorf("the mapping has the table %q: the tables are User, Ticket, Comment and Message", name)
		}
		for field := range given.Columns {
			if !slices.ContainsFunc(models[i].fields, func(f modelField) bool { return f.name == field }) {
				return fmt.Errorf("the mapping has the column %q of %s: the columns are %s", field, name, strings.Join(models[i].names(), ", "))
			}
		}
	}
	return nil
}

// model is one of the four tables of the source, with the names that it may have.
type model struct {
	name   string
	tables []string // in the form of plain
	fields []modelField
}

// modelField is a column of a model, with the names that it may have besides its own.
type modelField struct {
	name     string
	others   []string // in the form of plain
	optional bool
	time     bool
}

// names returns the names of the fields.
func (m model) names() []string {
	var all []string
	for _, f := range m.fields {
		all = append(all, f.name)
	}
	return all
}

// models are the tables of the first system.
var models = []model{
	{"User", []string{"user", "users", "account", "accounts"}, []modelField{
		{name: "id"},
		{name: "username", others: []string{"name", "displayname", "fullname"}},
		{name: "email", others: []string{"emailaddress", "mail"}},
		{name: "password", others: []string{"passwordhash", "hash", "hashedpassword"}},
		{name: "role"},
		{name: "createdAt", optional: true, time: true},
	}},
	{"Ticket", []string{"ticket", "tickets"}, []modelField{
		{name: "id"},
		{name: "subject", others: []string{"title"}},
		{name: "description", others: []string{"body", "content", "text"}},
		{name: "category"},
		{name: "priority"},
		{name: "status"},
		{name: "attachment", others: []string{"attachmentpath", "attachmenturl", "file"}, optional: true},
		{name: "userId", others: []string{"ownerid", "authorid", "customerid", "requesterid", "createdbyid"}},
		{name: "createdAt", others: []string{"created"}, time: true},
		{name: "updatedAt", others: []string{"updated"}, optional: true, time: true},
	}},
	{"Comment", []string{"comment", "comments", "ticketcomment", "ticketcomments"}, []modelField{
		{name: "id"},
		{name: "text", others: []string{"body", "content", "comment", "message"}},
		{name: "ticketId"},
		{name: "userId", others: []string{"authorid", "senderid", "createdbyid"}},
		{name: "createdAt", others: []string{"created"}, time: true},
	}},
	{"Message", []string{"chatmessage", "chatmessages", "message", "messages", "chat", "chats"}, []modelField{
		{name: "id"},
		{name: "message", others: []string{"text", "body", "content"}},
		{name: "ticketId"},
		{name: "senderId", others: []string{"userid", "authorid"}},
		{name: "createdAt", others: []string{"created", "sentat"}, time: true},
	}},
}

// plain returns a name in lower case without underscores, so that createdAt, created_at
// and CREATEDAT are the same.
func plain(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// column is a column of the source.
type column struct{ name, kind string } // kind is the data type of information_schema

// isNumber reports whether the column has integers.
func (c column) isNumber() bool {
	return c.kind == "smallint" || c.kind == "integer" || c.kind == "bigint"
}

// isTime reports whether the column has times.
func (c column) isTime() bool { return c.kind == "date" || strings.HasPrefix(c.kind, "timestamp ") }

// table is a table of the source with its columns by the names of fields. Optional columns
// may be missing.
type table struct {
	name    string
	columns map[string]column
}

// layout has the tables of the source by the names of models.
type layout map[string]table

// newLayout finds the tables and the columns of all models among the tables of a schema.
// All that is missing is in one error.
func newLayout(found map[string][]column, given Mapping) (layout, error) {
	all := layout{}
	var problems []error
	for _, m := range models {
		name, ok := m.findTable(found, given[m.name].Table)
		if !ok {
			problems = append(problems, fmt.Errorf("there is no table %s", name))
			continue
		}
		t := table{name, map[string]column{}}
		for _, f := range m.fields {
			c, err := f.find(found[name], given[m.name].Columns[f.name])
			switch {
			case err == nil:
				t.columns[f.name] = c
			case !f.optional || given[m.name].Columns[f.name] != "":
				problems = append(problems, fmt.Errorf("the table %s %w", name, err))
			}
		}
		all[m.name] = t
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf(`this is not the first system's database as it is known here: %s; name tables and columns with --mapping FILE, such as {"User": {"table": "people", "columns": {"password": "secret"}}}`,
			strings.ReplaceAll(errors.Join(problems...).Error(), "\n", "; "))
	}
	return all, all.checkReferences()
}

// checkReferences returns an error if the columns that refer to tickets have another type
// than the ids of tickets. They could not be read in the same order.
func (l layout) checkReferences() error {
	for _, name := range []string{"Comment", "Message"} {
		if l[name].columns["ticketId"].isNumber() != l["Ticket"].columns["id"].isNumber() {
			return fmt.Errorf("the column %s of the table %s and the ids of tickets have different types", l[name].columns["ticketId"].name, l[name].name)
		}
	}
	return nil
}

// findTable returns the name of the model's table, and whether it exists. Its own name
// takes precedence over others.
func (m model) findTable(found map[string][]column, given string) (name string, ok bool) {
	if given != "" {
		_, ok = found[given]
		return given, ok
	}
	if _, ok = found[m.name]; ok {
		return m.name, true
	}
	for _, candidate := range m.tables {
		for _, name := range slices.Sorted(maps.Keys(found)) {
			if plain(name) == candidate {
				return name, true
			}
		}
	}
	return m.name, false
}

// find returns the column of the field.
func (f modelField) find(found []column, given string) (column, error) {
	if given != "" {
		return f.checked(found, func(name string) bool { return name == given }, given)
	}
	for _, is := range append([]string{plain(f.name)}, f.others...) {
		if c, err := f.checked(found, func(name string) bool { return plain(name) == is }, f.name); err == nil {
			return c, nil
		}
	}
	return f.checked(found, func(name string) bool { return plain(name) == plain(f.name) }, f.name)
}

// checked returns the first column whose name matches, or an error if there is none or it
// has another type than the field.
func (f modelField) checked(found []column, matches func(name string) bool, name string) (column, error) {
	i := slices.IndexFunc(found, func(c column) bool { return matches(c.name) })
	if i < 0 {
		return column{}, fmt.Errorf("has no column %s", name)
	}
	if f.time && !found[i].isTime() {
		return column{}, fmt.Errorf("has no times in the column %s", found[i].name)
	}
	return found[i], nil
}
