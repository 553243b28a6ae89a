package hostile

import (
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
)

func TestTheValuesOfAFormAreThoseThatItsPageProposes(t *testing.T) {
	t.Parallel()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(`<form method="post" action="/tickets">
		<input name="subject" value="Lamp"><input name="empty"><textarea name="description">It is broken.</textarea>
		<select name="priority"><option>Low</option><option selected>High</option></select>
		<select name="category"><option value="">Choose one</option><option value="2">Billing</option></select>
		<select name="group" required><option value="">Choose one</option><option value="3">Repairs</option></select>
		<input name="mail" type="email" required><textarea name="text" required></textarea>
		<input type="radio" name="team" value="1"><input type="radio" name="team" value="2" checked>
		<input type="checkbox" name="news"><input type="checkbox" name="private" checked>
		<input type="checkbox" name="join" value="1" checked><input type="checkbox" name="join" value="2" checked>
		<input type="file" name="attachment"><input name="fixed" value="x" disabled><input value="no name">
		<button name="do" value="save">Save</button><button name="do" value="preview">Preview</button><button name="other" value="close">Close</button></form>`))
	if err != nil {
		t.Fatal(err)
	}
	f := formOf("/tickets/new", doc.Find("form"))
	want := form{page: "/tickets/new", action: "/tickets",
		fields: []string{"subject", "empty", "description", "priority", "category", "group", "mail", "text", "team", "news", "private", "join", "attachment", "do", "other"},
		typed:  []string{"subject", "empty", "description", "mail", "text"},
		values: url.Values{"subject": {"Lamp"}, "empty": {""}, "description": {"It is broken."}, "priority": {"High"}, "category": {""}, "group": {"3"},
			"mail": {"somebody@example.org"}, "text": {"some words"}, "team": {"2"},
			"private": {"on"}, "join": {"1", "2"}, "do": {"save"}}}
	if diff := cmp.Diff(want, f, cmp.AllowUnexported(form{})); diff != "" {
		t.Errorf("the form (-want +got):\n%s", diff)
	}
}
