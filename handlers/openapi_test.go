package handlers

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"frontdesk/internal/openapi"
)

func TestTheDocumentIsValidAndHasExactlyTheRoutes(t *testing.T) {
	a := newApp(t)
	k := a.contract()
	if err := k.doc.Validate(t.Context()); err != nil || k.doc.OpenAPI != "3.1.0" {
		t.Errorf("OpenAPI %s: %v", k.doc.OpenAPI, err)
	}
	var described, routed []string
	ids := map[string]bool{}
	for path, item := range k.doc.Paths.Map() {
		for method, op := range item.Operations() {
			described = append(described, method+" "+path)
			if ids[op.OperationID] {
				t.Errorf("%s %s: the operationId is not unique", method, path)
			}
			if op.Summary == "" {
				t.Errorf("%s %s: the summary is empty", method, path)
			}
			if len(op.Tags) != 1 {
				t.Errorf("%s %s: got %d tags, want 1: %q", method, path, len(op.Tags), op.Tags)
			}
			ids[op.OperationID] = true
		}
	}
	// The routes of the router: all below /api, and the files.
	for _, r := range a.handler.Handler.(*echo.Echo).Routes() {
		isDescribed := strings.HasPrefix(r.Path, "/api/") || r.Method+r.Path == "GET/uploads/:name"
		if isDescribed && r.Method != http.MethodHead && !strings.HasPrefix(r.Method, "echo_") {
			routed = append(routed, r.Method+" "+openapi.Path(r.Path))
		}
	}
	slices.Sort(described)
	slices.Sort(routed)
	if diff := cmp.Diff(routed, slices.Compact(described)); diff != "" {
		t.Errorf("routes (-) and document (+) differ:\n%s", diff)
	}
}

// These are rules of an OpenAPI linter (redocly lint --extends=recommended-strict).
func TestEveryPartOfTheDocumentIsDescribedAndUsed(t *testing.T) {
	a := newApp(t)
	resp, err := http.Get(a.srv.URL + "/api/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Error(err)
	}
	if len(doc.Servers) == 0 {
		t.Errorf("got %d servers, want another number: %v", len(doc.Servers), doc.Servers)
	}
	if doc.Info.License == nil {
		t.Error("the license of the info is nil")
	}
	for _, tag := range doc.Tags {
		if tag.Description == "" {
			t.Errorf("the tag %s has no description", tag.Name)
		}
	}
	for name := range doc.Components.Schemas {
		if !bytes.Contains(raw, []byte(`"$ref":"`+openapi.SchemaPath+name+`"`)) {
			t.Errorf("the schema %s is not used", name)
		}
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			answers := op.Responses.Map()
			has := func(prefix string) bool {
				return slices.ContainsFunc(slices.Collect(maps.Keys(answers)), func(code string) bool { return strings.HasPrefix(code, prefix) })
			}
			if !has("4") {
				t.Errorf("%s %s has the answers %v, want a failure", method, path, slices.Collect(maps.Keys(answers)))
			}
			if !has("2") && !has("default") {
				t.Errorf("%s %s has the answers %v, want a success", method, path, slices.Collect(maps.Keys(answers)))
			}
			for code, answer := range answers {
				if media := answer.Value.Content["application/json"]; media != nil && media.Example == nil && path != "/api/openapi.json" {
					t.Errorf("%s %s: %s has no example", method, path, code)
				}
			}
			if op.RequestBody != nil && op.RequestBody.Value.Content["application/json"] != nil && op.RequestBody.Value.Content["application/json"].Example == nil {
				t.Errorf("%s %s: the body has no example", method, path)
			}
		}
	}
}

func TestTheDocumentRequiresATokenAsTheRoutesDo(t *testing.T) {
	a := newApp(t)
	nobody := &apiClient{app: a}
	for path, item := range a.contract().doc.Paths.Map() {
		for method, op := range item.Operations() {
			path := strings.TrimPrefix(strings.NewReplacer("{id}", "1", "{name}", "x", "{seq}", "1", "{user}", "1").Replace(path), "/api")
			got := nobody.send(method, path, obj{})
			refused := got.StatusCode == 401 || got.StatusCode == 303 // a request of a browser for a file is redirected to the sign-in page
			if asks := len(*op.Security) > 0; asks != (refused && path != "/auth/login") {
				t.Errorf("%s %s: got %d without a token; the document requires a token: %t", method, path, got.StatusCode, asks)
			}
		}
	}
}

func TestThePagesAndTheDocumentHaveTheSameRules(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	ticket := fmt.Sprintf("/tickets/%d", ana.program().send("POST", "/tickets", invoice).wants(201).number("id"))
	doc := a.contract().doc
	visitor := a.visitor()
	for _, c := range []struct {
		who               *client
		page, form        string
		method, path      string
		renamed           map[string]string // names of fields on the page, by their name in the API
		onlyPage, onlyAPI []string
		some              bool // required fields are not all marked: in the API for an update, on the page for the chat form
	}{
		{visitor, "/register", "/register", "POST", "/api/auth/register", nil, nil, nil, false},
		{visitor, "/login", "/login", "POST", "/api/auth/login", nil, []string{"next"}, nil, false},
		{priya, "/tickets/new", "/tickets", "POST", "/api/tickets", nil, []string{"submission_id"}, nil, false},
		{ana, ticket + "/edit", ticket, "PUT", "/api/tickets/{id}", nil, []string{"submission_id"}, []string{"removeAttachment"}, true},
		{ana, ticket, ticket + "/comments", "POST", "/api/tickets/{id}/comments", nil, []string{"submission_id", "seen", "attachment"}, nil, true},
		{ana, ticket, ticket + "/messages", "POST", "/api/tickets/{id}/messages", map[string]string{"message": "text", "clientMsgId": "submission_id"}, []string{"seen", "kind"}, []string{"senderId", "ticketId"}, true},
		{priya, ticket, ticket + "/triage", "PATCH", "/api/tickets/{id}/status", nil, []string{"priority", "category", "was_status", "was_priority", "was_category"}, nil, false},
	} {
		form := c.who.get(c.page).wants(t, 200).doc.Find(`form[action="` + c.form + `"], form[action^="` + c.form + `#"]`).First()
		schema := doc.Paths.Find(c.path).GetOperation(c.method).RequestBody.Value.Content["multipart/form-data"].Schema.Value
		seen := map[string]bool{}
		for name, property := range schema.Properties {
			field := name
			if other := c.renamed[name]; other != "" {
				field = other
			}
			seen[field] = true
			control := form.Find(`[name="` + field + `"]`)
			if control.Length() == 0 && control.AddSelection(form.Find(`[form][name="`+field+`"]`)).Length() == 0 {
				if !slices.Contains(c.onlyAPI, name) {
					t.Errorf("%s has no field %s, which %s %s accepts", c.page, field, c.method, c.path)
				}
				continue
			}
			required := slices.Contains(schema.Required, name) || property.Value.Default != nil
			sameRules(t, c.page+" "+name, control, property.Value, required, c.some)
		}
		form.Find("[name]:not([name=sender], [name^=after-])").Each(func(_ int, s *goquery.Selection) {
			name := s.AttrOr("name", "")
			if !seen[name] && !slices.Contains(c.onlyPage, name) && !s.Is("button") {
				t.Errorf("%s has a field %s, which %s %s does not accept", c.page, name, c.method, c.path)
			}
		})
	}
}

// sameRules compares the constraints of a control and of a property.
func sameRules(t *testing.T, name string, control *goquery.Selection, p *openapi3.Schema, required, some bool) {
	t.Helper()
	if kind := control.AttrOr("type", ""); kind == "hidden" || kind == "file" {
		return // users do not type it
	}
	if _, has := control.Attr("required"); has != required && !some && !control.Is("select, [type=radio]") {
		t.Errorf("%s is required: %t on the page, %t in the document", name, has, required)
	}
	most := ""
	if p.MaxLength != nil && control.AttrOr("type", "") != "password" && control.Is("input[type=text], input[type=email], textarea") {
		most = strconv.FormatUint(*p.MaxLength, 10)
	}
	if got := control.AttrOr("data-max", ""); got != most {
		t.Errorf("%s has at most %q characters on the page, and %q in the document", name, got, most)
	}
	if control.Is("[type=email]") && p.MaxLength == nil {
		t.Errorf("%s is an email field on the page, and has no maximum length in the document", name)
	}
	var choices []string
	control.Filter("[type=radio]").AddSelection(control.Find("option")).Each(func(_ int, s *goquery.Selection) {
		if value := s.AttrOr("value", ""); value != "" {
			choices = append(choices, value)
		}
	})
	for _, value := range p.Enum {
		if !slices.Contains(choices, value.(string)) {
			t.Errorf("%s can be %s in the document, and %v on the page", name, value, choices)
		}
	}
	if len(p.Enum) > 0 && len(choices) != len(p.Enum) {
		t.Errorf("%s can be %v in the document, and %v on the page", name, p.Enum, choices)
	}
}

// staffFields are fields of tickets that only staff may set.
var staffFields = []string{"requester", "waiting"}

func TestTheLimitsOfTheDocumentAreEnforced(t *testing.T) {
	a := newApp(t, unlimited)
	ana := a.customer("Ana").program()
	one := fmt.Sprintf("/tickets/%d", ana.send("POST", "/tickets", invoice).wants(201).number("id"))
	doc := a.contract().doc
	for path, good := range map[string]obj{
		"/auth/register": {"username": "Vera", "password": "a long enough password"}, "/tickets": invoice,
		one + "/comments": {"text": "x"}, one + "/messages": {"message": "x"},
	} {
		described := strings.Replace("/api"+path, one, "/tickets/{id}", 1)
		schema := doc.Paths.Find(described).Post.RequestBody.Value.Content["application/json"].Schema.Value
		n := 0
		try := func(name string, value any) reply {
			n++
			body := maps.Clone(good)
			if path == "/auth/register" {
				body["email"] = fmt.Sprintf("vera%d@example.org", n)
			}
			if body[name] = value; value == nil {
				delete(body, name)
			}
			return ana.send("POST", path, body)
		}
		for name, p := range schema.Properties {
			if slices.Contains(staffFields, name) {
				continue
			}
			required := slices.Contains(schema.Required, name)
			if got := try(name, nil); (got.StatusCode == 400) != required {
				t.Errorf("%s without %s: got %d; it is required by the document: %t", path, name, got.StatusCode, required)
			}
			if p.Value.MaxLength != nil && name != "email" && name != "category" {
				most := int(*p.Value.MaxLength)
				if got := try(name, letters(most)); got.StatusCode != 201 {
					t.Errorf("%s with %d characters of %s: got %d %s", path, most, name, got.StatusCode, got.body)
				}
				try(name, letters(most+1)).wants(400)
			}
			if least := int(p.Value.MinLength); least > 1 {
				try(name, letters(least)).wants(201)
				try(name, letters(least-1)).wants(400)
			}
			for _, value := range p.Value.Enum {
				try(name, value).wants(201)
				try(name, strings.ToUpper(value.(string))).wants(400)
			}
			if p.Value.Pattern != "" {
				try(name, "a\x00b").wants(400)
			}
		}
	}
	limit := doc.Paths.Find("/api/tickets").Get.Parameters.GetByInAndName("query", "limit").Schema.Value
	ana.send("GET", fmt.Sprintf("/tickets?limit=%.0f", *limit.Max), nil).wants(200)
	ana.send("GET", fmt.Sprintf("/tickets?limit=%.0f", *limit.Max+1), nil).wants(400)
}

// letters returns n characters of more than n bytes, which are not an easy password.
func letters(n int) string {
	out := []rune("ž")
	for len(out) < n {
		out = append(out, []rune(rand.Text()+"ш")...)
	}
	return string(out[:n])
}
