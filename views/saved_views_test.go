package views

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/ticketquery"
)

func TestTheDescriptionOfAViewNamesEveryFilter(t *testing.T) {
	t.Parallel()
	for _, f := range reflect.VisibleFields(reflect.TypeFor[ticketquery.Filter]()) {
		name := f.Tag.Get("form")
		if name == "" || slices.Contains([]string{"after", "before", "view"}, name) { // the page and the view itself
			continue
		}
		label := filterWords[name]
		if label == "" {
			t.Errorf("the filter %s has no words: add them to filterWords in saved_views.go", name)
		}
		if words := (ViewsPage{}).words(name + "=7"); !strings.EqualFold(words, label+": 7") {
			t.Errorf("the description of %s=7 is %q, want %q", name, words, label+": 7")
		}
	}
}
