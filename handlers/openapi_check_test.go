package handlers

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/klauspost/compress/zstd"
)

// contract is the OpenAPI document, parsed by a library. Every answer of the API in these
// tests is checked against it.
type contract struct {
	doc    *openapi3.T
	router routers.Router
	valid  sync.Map // the validBody keys of bodies that match
}

// validBody is an answer without its headers. It is checked once, because the library compiles
// the schema again for each check.
type validBody struct {
	operation   *openapi3.Operation
	status      int
	contentType string
	hash        [sha256.Size]byte
}

var (
	contractOnce sync.Once
	contractOf   *contract
	errContract  error
)

// contract returns the document. It is read once, from the first app that calls contract.
func (a *app) contract() *contract {
	a.t.Helper()
	contractOnce.Do(func() { contractOf, errContract = readContract(a.srv.URL + "/api/openapi.json") })
	if errContract != nil {
		a.t.Fatal(errContract)
	}
	return contractOf
}

// readContract reads and validates the OpenAPI document at the address.
func readContract(address string) (*contract, error) {
	resp, err := http.Get(address)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		return nil, err
	}
	doc.Servers = nil                    // the servers of tests have other addresses
	router, err := legacy.NewRouter(doc) // also validates the document
	return &contract{doc: doc, router: router}, err
}

// holds fails the test if an answer does not match the document. sent is the JSON body of the
// request, or nil if it had another body.
func (k *contract) holds(t *testing.T, got *http.Response, sent, body []byte) {
	t.Helper()
	err := k.check(got, sent, body)
	if err == nil && got.StatusCode >= 400 && got.Request.Method != http.MethodHead {
		err = sameWords(got, body)
	}
	if err != nil {
		t.Errorf("%s %s: %d %.300s is not in the document: %v", got.Request.Method, got.Request.URL.Path, got.StatusCode, body, err)
	}
}

// check returns an error if the request or the answer does not match the document.
func (k *contract) check(got *http.Response, sent, body []byte) error {
	request := got.Request.Clone(context.Background())
	switch request.Method {
	case http.MethodOptions:
		return nil // a preflight is not an operation
	case http.MethodHead:
		request.Method = http.MethodGet
	}
	request.Body = io.NopCloser(bytes.NewReader(sent))
	body, err := plainBody(got, body)
	if err != nil {
		return err
	}
	request.URL.Path = strings.TrimSuffix(request.URL.Path, "/") // the desk ignores one slash at the end
	route, params, err := k.router.FindRoute(request)
	if err != nil || strings.HasSuffix(request.URL.Path, "/") || slices.Contains(slices.Collect(maps.Values(params)), "") { // the router of the library accepts more paths
		return k.checkNowhere(got, body)
	}
	answer := validBody{route.Operation, got.StatusCode, got.Header.Get("Content-Type"), sha256.Sum256(body)}
	_, isValid := k.valid.Load(answer)
	in := &openapi3filter.RequestValidationInput{Request: request, PathParams: params, Route: route, Options: &openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true,
		ExcludeResponseBody: isValid || got.Request.Method == http.MethodHead || got.StatusCode == http.StatusSwitchingProtocols}}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: got.StatusCode, Header: got.Header, Options: in.Options}
	out.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		return err
	}
	if !in.Options.ExcludeResponseBody {
		k.valid.Store(answer, true)
	}
	// The library does not check these.
	response := route.Operation.Responses.Status(got.StatusCode)
	switch {
	case response == nil:
		return errors.New("the status is not there")
	case len(response.Value.Content) == 0 && len(body) > 0:
		return errors.New("it has no body there")
	case sent != nil && got.StatusCode < 300:
		return openapi3filter.ValidateRequest(context.Background(), in)
	}
	return nil
}

// sameWords returns an error unless a failure has the same text in error and message.
func sameWords(got *http.Response, body []byte) error {
	body, err := plainBody(got, body)
	if err != nil {
		return err
	}
	var problem struct{ Error, Message string }
	if err := json.Unmarshal(body, &problem); err != nil {
		return err
	}
	if problem.Error == "" {
		return errors.New("error is empty")
	}
	if problem.Message != problem.Error {
		return fmt.Errorf("error is %q, message %q", problem.Error, problem.Message)
	}
	return nil
}

// checkNowhere checks the answer of a path without a route: it must be a failure in the form
// of the API.
func (k *contract) checkNowhere(got *http.Response, body []byte) error {
	switch {
	case got.StatusCode != http.StatusNotFound && got.StatusCode != http.StatusMethodNotAllowed:
		return errors.New("the route is not there")
	case got.StatusCode == http.StatusMethodNotAllowed && got.Header.Get("Allow") == "":
		return errors.New("405 without Allow")
	case !strings.HasPrefix(got.Header.Get("Content-Type"), "application/json"):
		return errors.New("it is no JSON")
	case got.Request.Method == http.MethodHead:
		return nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	return k.doc.Components.Schemas["Error"].Value.VisitJSON(v, openapi3.EnableJSONSchema2020())
}

// plainBody returns the decompressed body.
func plainBody(got *http.Response, body []byte) ([]byte, error) {
	coding := got.Header.Get("Content-Encoding")
	if coding == "" || len(body) == 0 {
		return body, nil
	}
	var from io.Reader = bytes.NewReader(body)
	var err error
	if coding == "zstd" {
		from, err = zstd.NewReader(from, zstd.WithDecoderConcurrency(1))
	} else {
		from, err = gzip.NewReader(from)
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(from)
}

func TestAnUndocumentedAnswerFailsItsTest(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	made := ana.send("POST", "/tickets", invoice).wants(201)
	good, k := string(made.body), a.contract()
	for name, c := range map[string]struct {
		method, path string
		status       int
		body         string
		header       http.Header
	}{
		"another status":    {"POST", "/api/tickets", 202, good, nil},
		"no header of 401":  {"POST", "/api/tickets", 401, `{"error":"x","message":"x"}`, nil},
		"no Retry-After":    {"POST", "/api/tickets", 503, `{"error":"x","message":"x"}`, nil},
		"a field too many":  {"POST", "/api/tickets", 201, strings.Replace(good, "{", `{"more":1,`, 1), nil},
		"a field too few":   {"POST", "/api/tickets", 201, strings.Replace(good, `"subject"`, `"title"`, 1), nil},
		"another type":      {"POST", "/api/tickets", 201, strings.Replace(good, `"version":1`, `"version":"1"`, 1), nil},
		"a value of no use": {"POST", "/api/tickets", 201, strings.Replace(good, "OPEN", "open", 1), nil},
		"no time":           {"POST", "/api/tickets", 201, regexp.MustCompile(`"createdAt":"[^"]*"`).ReplaceAllString(good, `"createdAt":"now"`), nil},
		"an inner field":    {"POST", "/api/tickets", 201, strings.Replace(good, `"username"`, `"phone":"","username"`, 1), nil},
		"HTML":              {"GET", "/api/tickets/1", 404, "<p>", http.Header{"Content-Type": {"text/html"}}},
		"a body of nothing": {"DELETE", "/api/tickets/1", 204, "{}", nil},
		"another route":     {"GET", "/api/nothing", 200, "{}", nil},
		"no Allow":          {"PUT", "/api/tickets", 405, `{"error":"x","message":"x"}`, nil},
		"another failure":   {"GET", "/api/nothing", 404, `{"message":"x"}`, nil},
		"no message":        {"GET", "/api/nothing", 404, `{"error":"x"}`, nil},
	} {
		req, _ := http.NewRequest(c.method, a.srv.URL+c.path, nil)
		if c.header == nil {
			c.header = http.Header{"Content-Type": {"application/json"}}
		}
		if err := k.check(&http.Response{Request: req, StatusCode: c.status, Header: c.header}, nil, []byte(c.body)); err == nil {
			t.Errorf("%s passes", name)
		}
	}
	if err := k.check(made.Response, nil, made.body); err != nil {
		t.Error(err)
	}
}
