package ticketquery

import (
	"net/url"
	"reflect"
	"testing"
)

func TestEveryFieldOfAFilterSurvivesAnAddress(t *testing.T) {
	t.Parallel()
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Filter]()) {
		if field.Tag.Get("form") == "" {
			continue
		}
		var f Filter
		reflect.ValueOf(&f).Elem().FieldByIndex(field.Index).SetString("a b&c=é")
		query, err := url.ParseQuery(f.Values().Encode())
		if err != nil {
			t.Fatal(err)
		}
		if len(query) != 1 {
			t.Errorf("%s: got the parameters %v, want one", field.Name, query)
		}
		if got := ReadFilter(query); got != f {
			t.Errorf("%s: got %+v, want %+v", field.Name, got, f)
		}
	}
}

func TestAnEmptyFilterHasNoParameters(t *testing.T) {
	t.Parallel()
	if got := (Filter{}).Values(); len(got) != 0 {
		t.Errorf("got %v, want none", got)
	}
}

func TestAFilterIsReadWithoutSpacesAndUnknownParameters(t *testing.T) {
	t.Parallel()
	got := ReadFilter(url.Values{"status": {" OPEN "}, "priority": {"\tHigh\n"}, "colour": {"red"}})
	if want := (Filter{Status: "OPEN", Priority: "High"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
