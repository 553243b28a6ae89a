package handlers

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"frontdesk/handlers/web"
)

func TestATooLargeBodyGetsAnAnswerBeforeTheConnectionCloses(t *testing.T) {
	a := newApp(t)
	huge := strings.Repeat("a", 10<<20)
	a.visitor().post("/register", url.Values{"username": {huge}}).wants(t, 413, "Too large", "The Back button of your browser leads to the form with what you typed.")
	a.visitor().upload("/register", url.Values{"username": {huge}}, nil).wants(t, 413, "Too large", "The Back button of your browser leads to the form with what you typed.")
	files := []file{{"f", "a.txt", strings.Repeat("a", 80<<20)}}
	a.customer("Ana").upload("/account/theme", nil, files).wants(t, 400)
}

// A few visitors who slowly send a hundred fields of 1 MiB each would fill the memory of the
// machine.
func TestTheTotalSizeOfFormFieldsIsLimited(t *testing.T) {
	a := newApp(t)
	half := strings.Repeat("a", web.MaxFormBody/2)
	fields := url.Values{"a": {half}, "b": {half}, "c": {half}}
	names := url.Values{"a" + half: {"x"}, "b" + half: {"x"}, "c" + half: {"x"}}
	ana := a.customer("Ana")
	for _, form := range []url.Values{fields, names} {
		a.visitor().upload("/login", form, nil).wants(t, 413)
		ana.upload("/tickets", form, nil).wants(t, 413)
	}
	before := strings.Repeat("x\r\n", web.MaxFormBody) + "--b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\na\r\n--b--\r\n"
	a.visitor().send("POST", "/login", strings.NewReader(before), "Content-Type", "multipart/form-data; boundary=b").wants(t, 413)
}

func TestABodyThatIsNoFormIsExplained(t *testing.T) {
	a := newApp(t)
	c := a.visitor()
	many := url.Values{}
	for i := range web.MaxFormParts + 1 {
		many.Set(fmt.Sprint("f", i), "x")
	}
	c.upload("/login", many, nil).wants(t, 400, "did not arrive whole")
	for name, r := range map[string]struct{ kind, body string }{
		"bad escape":  {"application/x-www-form-urlencoded", "email=%zz"},
		"no boundary": {"multipart/form-data", "x"},
		"cut off":     {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nan"},
		"no type":     {"; ;", "x"},
	} {
		if got := c.send("POST", "/login", strings.NewReader(r.body), "Content-Type", r.kind); got.StatusCode != 400 {
			t.Errorf("%s: %d %s", name, got.StatusCode, got.body)
		}
	}
	for _, kind := range []string{"application/json", "text/plain"} {
		c.send("POST", "/login", strings.NewReader(`{"email":"x"}`), "Content-Type", kind).wants(t, 422)
	}
}

func TestATooLargeFormLinksBackToItsPage(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	got := ana.upload("/tickets", url.Values{"subject": {strings.Repeat("a", 10<<20)}}, nil).wants(t, 413, "Too large", "The Back button of your browser leads to the form with what you typed.")
	if back := got.doc.Find(".problem a[href='/tickets/new']").Text(); !strings.Contains(back, "Open the form again") {
		t.Errorf("the link back is %q", back)
	}
}
