package handlers

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// These tests check the same generated bodies with the document and with the server.

// pieces are the parts of generated texts.
var pieces = []string{
	"", " ", "\t", "\n", "\r", "\r\n", "\u00a0", "\u0085", "\u2028", "\u3000", // spaces and ends of lines
	"a", "Low", "ž", "上海", "e\u0301", "\u05d0", "😀", "<b>", "\"", "'", "\\", // visible characters
	"\u0301", "\u200b", "\ufeff", "\u3164", "\u2800", "\u00ad", "\U000e0041", "\u0600", // invisible characters, except the last one
	"\x00", "\x07", "\x1b", "\x7f", "\u009f", "\u202e", "\u2069", // refused characters, at least in some positions
}

// anyText returns a random text. Some are about most characters long.
func anyText(r *rand.Rand, most int) string {
	var b strings.Builder
	for range r.IntN(4) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	if most > 0 && r.IntN(5) == 0 {
		b.WriteString(strings.Repeat("ž", max(0, most-len([]rune(b.String()))+r.IntN(3)-1)))
	}
	return b.String()
}

// values returns values for a property: every piece between letters and alone, and n random
// ones.
func values(r *rand.Rand, p *openapi3.Schema, n int) []any {
	var out []any
	if p.Type.Is("string") && len(p.Enum) == 0 {
		for _, piece := range pieces {
			out = append(out, "a"+piece+"b", piece)
		}
	}
	for range n {
		out = append(out, anyValue(r, p))
	}
	return out
}

// anyValue returns a random value for a property, in most cases of its type.
func anyValue(r *rand.Rand, p *openapi3.Schema) any {
	others := []any{nil, true, false, "true", "", 0, 1, -1, 1.0, 1.5, 1e20, 2147483648, "1", "1.0", []any{}, obj{}}
	switch {
	case r.IntN(6) == 0:
		return others[r.IntN(len(others))]
	case len(p.Enum) > 0:
		one := p.Enum[r.IntN(len(p.Enum))].(string)
		return []string{one, strings.ToLower(one), strings.ToUpper(one), one + " ", one + "\x00", one[1:]}[r.IntN(6)]
	case p.Type.Is("integer"):
		return []any{1, 2, 0, -3, 2147483647, -2147483648, 2147483648, 5000000000, json.Number("9300000000000000000"), json.Number("1.0"), json.Number("1e0"), 0.5}[r.IntN(12)]
	case p.Type.Is("boolean"):
		return []any{true, false, "true", "yes"}[r.IntN(4)]
	}
	most := 0
	if p.MaxLength != nil {
		most = int(*p.MaxLength)
	}
	return anyText(r, most)
}

// plainly converts a body to the form that the document describes: the server also accepts
// numbers and booleans as text, null for a missing field, and spaces around texts.
func plainly(body obj, schema *openapi3.Schema) obj {
	out := obj{}
	for name, value := range body {
		p := schema.Properties[name].Value
		text, isText := value.(string)
		switch {
		case value == nil:
			continue
		case isText && p.Type.Is("integer"):
			if n, err := strconv.Atoi(text); err == nil {
				value = n
			}
		case isText && p.Type.Is("boolean") && (text == "true" || text == "false" || text == ""):
			value = text == "true"
		case isText && name != "password":
			value = strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
		}
		out[name] = value
	}
	return out
}

// accepts returns an error if the document refuses a body.
func accepts(t *testing.T, schema *openapi3.Schema, body obj) error {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return schema.VisitJSON(v)
}

// inexpressible has errors, by field, that JSON Schema cannot express.
var inexpressible = map[string][]string{
	"email":     {"whole address"},
	"category":  {"Choose"},
	"requester": {"whole e-mail address", "no user"},
	"password":  {"too easy to guess", "at least 12 characters", "at most 128 characters"}, // counted in NFC
	"senderId":  {"another account"},
	"ticketId":  {"another ticket"},
}

// refusedShape reports whether an answer refuses the value of a field for a reason that the
// document can express.
func refusedShape(got reply, field string) bool {
	text, _ := got.get("fields." + field).(string)
	return got.StatusCode == 400 && !slices.ContainsFunc(inexpressible[field], func(part string) bool { return strings.Contains(text, part) })
}

func TestTheDocumentAcceptsWhatTheServerAccepts(t *testing.T) {
	a := newApp(t, unlimited)
	ana, boss := a.customer("Ana").program(), a.admin("Boss").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	r := rand.New(rand.NewPCG(2026, 11))
	for _, to := range bodied(id) {
		p, more := ana, 15
		if to.admin {
			p = boss
		}
		if strings.HasPrefix(to.path, "/auth") {
			more = 5 // hashing passwords is slow
		}
		path := strings.Replace("/api"+to.path, "/tickets/"+strconv.FormatInt(id, 10), "/tickets/{id}", 1)
		schema := a.contract().doc.Paths.Find(path).GetOperation(to.method).RequestBody.Value.Content["application/json"].Schema.Value
		for field, property := range schema.Properties {
			for n, value := range values(r, property.Value, more) {
				body := maps.Clone(to.good)
				delete(body, "version") // the version changes with each update
				delete(body, "clientMsgId")
				if _, has := body["email"]; has {
					body["email"] = fmt.Sprintf("%s%d@example.org", field, n)
				}
				body[field] = value
				raw, err := json.Marshal(body)
				if err != nil {
					t.Fatal(err)
				}
				sender := p
				if slices.Contains(staffFields, field) {
					sender = boss
				}
				got := sender.send(to.method, to.path, string(raw), "Content-Type", "application/json") // as text, because send checks a value against the document
				if err := accepts(t, schema, body); err == nil && refusedShape(got, field) {
					t.Errorf("%s %s with %s %.60q: the document accepts it, the server answers %s", to.method, to.path, field, value, got.body)
				}
				if err := accepts(t, schema, plainly(body, schema)); err != nil && got.StatusCode != 400 {
					t.Errorf("%s %s with %s %.60q: the server answers %d, the document refuses it: %.300s", to.method, to.path, field, value, got.StatusCode, err)
				}
			}
		}
	}
}
