package openapi

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// stamp is a time with its own text format.
type stamp time.Time

type jsonLamp struct {
	ID    int64             `json:"id"`
	Name  *string           `json:"name" doc:"Null without one."`
	Made  stamp             `json:"made"`
	Notes map[string]string `json:"notes,omitempty"`
}

type lampInput struct {
	Name  string `form:"name" json:"name" validate:"required,max=60,line"`
	Watts int    `form:"watts" json:"watts" validate:"min=1"`
	Key   string `form:"key" json:"-"`
}

func TestAStructInAnAnswerHasANamedSchemaWithItsFields(t *testing.T) {
	t.Parallel()
	all := Schemas{}
	if got, want := all.Of([]jsonLamp{}).Items.Ref, SchemaPath+"JsonLamp"; got != want {
		t.Errorf("got the reference %q, want %q", got, want)
	}
	lamp := all["JsonLamp"]
	if got, want := lamp.Names(), []string{"id", "name", "made", "notes"}; !slices.Equal(got, want) {
		t.Errorf("got the fields %q, want %q", got, want)
	}
	if got, want := lamp.Required, []string{"id", "name", "made"}; !slices.Equal(got, want) {
		t.Errorf("got the required fields %q, want %q", got, want)
	}
	for name, want := range map[string]string{
		"id":    `{"type":"integer","format":"int64"}`,
		"name":  `{"type":["string","null"],"description":"Null without one."}`,
		"made":  `{"type":"string","format":"date-time"}`,
		"notes": `{"type":"object","additionalProperties":{"type":"string"}}`,
	} {
		if got := asJSON(t, lamp.Properties[name]); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestAnInputHasItsRulesAndDefaults(t *testing.T) {
	t.Parallel()
	body := Input{Struct: lampInput{Watts: 40}, File: "photo"}.Body()
	s := body.Content[JSON].Schema
	if got, want := s.Names(), []string{"name", "watts"}; !slices.Equal(got, want) {
		t.Errorf("got the fields %q, want %q", got, want)
	}
	if got, want := s.Required, []string{"name"}; !slices.Equal(got, want) {
		t.Errorf("got the required fields %q, want %q", got, want)
	}
	if got := s.Properties["name"].MaxLength; got != 60 {
		t.Errorf("got at most %d characters, want 60", got)
	}
	if got := s.Properties["watts"].Default; got != 40 {
		t.Errorf("got the default %v, want 40", got)
	}
	if got, want := body.Content[Multipart].Schema.Names(), []string{"name", "watts", "photo"}; !slices.Equal(got, want) {
		t.Errorf("got the fields %q of a form with a file, want %q", got, want)
	}
	if got := (Input{Struct: lampInput{}, Some: true}).Body().Content[JSON].Schema.Required; len(got) != 0 {
		t.Errorf("got the required fields %q of a change, want none", got)
	}
	if got := (Input{Struct: lampInput{}, Optional: []string{"name"}}).Body().Content[JSON].Schema.Required; len(got) != 0 {
		t.Errorf("got the required fields %q without a needed name, want none", got)
	}
	if got := (Input{}).Body(); got != nil {
		t.Errorf("without fields got %v, want nil", got)
	}
}

func TestAnAnswerHasTheExampleOfItsType(t *testing.T) {
	t.Parallel()
	d := New(Info{Title: "Lamps"}, jsonLamp{ID: 7}, []jsonLamp{{ID: 8}})
	var got []struct{ ID int64 }
	err := json.Unmarshal(d.Body([]jsonLamp{})[JSON].Example, &got)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 {
		t.Fatalf("got %d elements, want 1: %+v", len(got), got)
	}
	if got[0].ID != 8 {
		t.Errorf("the ID is %d, want 8", got[0].ID)
	}
	if got := d.Body("text")[JSON].Example; got != nil {
		t.Errorf("without an example got %s, want none", got)
	}
}

func TestAnOperationIsFoundByItsRoute(t *testing.T) {
	t.Parallel()
	d := New(Info{})
	op := &Operation{ID: "showLamp"}
	d.Add("GET", "/lamps/:id", op)
	if got := d.Operation("GET", "/lamps/:id"); got != op {
		t.Errorf("got %v, want the operation of the route", got)
	}
	if got := d.Paths["/lamps/{id}"]["get"]; got != op {
		t.Errorf("got %v under the path of OpenAPI, want the operation", got)
	}
	if got := d.Operation("PUT", "/lamps/:id"); got != nil {
		t.Errorf("got %v for another method, want nil", got)
	}
}

func TestAPatternIsWrittenInASCII(t *testing.T) {
	t.Parallel()
	if got, want := asJSON(t, &Schema{Pattern: "\\d\u200b\U0001F4A1\""}), `{"pattern":"\\d\u200b\ud83d\udca1\""}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// asJSON returns v as JSON.
func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
