package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// These tests read arbitrary input of API clients without a database. The input is
// accepted unchanged or refused; it never causes a server error.

// isOurs reports whether the status of an error is 500 or more.
func isOurs(err error) bool {
	return err != nil && web.Table(err).Status >= http.StatusInternalServerError
}

// asking returns the context of a request with the given headers.
func asking(target string, headers ...string) echo.Context {
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.URL.RawQuery = target
	for i := 0; i < len(headers); i += 2 {
		r.Header[http.CanonicalHeaderKey(headers[i])] = []string{headers[i+1]}
	}
	return echo.New().NewContext(r, httptest.NewRecorder())
}

func FuzzJSONBodiesAreReadExactlyOrRefused(f *testing.F) {
	for _, text := range []string{
		``, `{}`, `null`, `[]`, `{"subject":"S","description":"D"}`, `{"subject":1,"version":"x"}`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{} {}`, `{"version":1e400}`,
		`{"version":9223372036854775808}`, `{"subject":"\ud800"}`, "{\"subject\":\"\xff\"}", `{"subject":"\u0000"}`, strings.Repeat("[", 30), strings.Repeat(`{"a":`, 30), "\ufeff{}", `{"removeAttachment":"yes"}`,
		`{"a":{"b":1,"b":2}}`, `{"a"`, `{"a":}`, `{,}`, `[,]`, `{"a":1,}`, `"text"`, `1`, "{\"a\":\n\t1}", `{"version":{}}`, `{"version":-0}`, `{"version":1.0}`, `{"version":true}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := readJSON(bytes.NewReader(text))
		if isOurs(err) {
			t.Fatalf("%q: %v", text, err)
		}
		var plain map[string]json.RawMessage
		if err != nil {
			return
		}
		if err := json.Unmarshal(text, &plain); err != nil {
			t.Fatalf("%q was read as %v, but is not JSON: %v", text, got.values, err)
		}
		if len(plain) != len(got.values) {
			t.Fatalf("%q was read as %v, want %d values", text, got.values, len(plain))
		}
		var in JSONUpdate
		if err := got.into(&in); err != nil {
			if _, ok := web.AsInvalid(err); !ok {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		var want struct {
			Subject string  `json:"subject"`
			Version float64 `json:"version"`
		}
		_ = json.Unmarshal(text, &want) // ignores case; the desk does not, so the field Subject is unknown
		if len(plain) != 1 {
			return
		}
		if plain["subject"] != nil && in.Subject != want.Subject {
			t.Errorf("%q became the subject %q, want %q", text, in.Subject, want.Subject)
		}
		if version := plain["version"]; version != nil && version[0] != '"' && float64(in.Version) != want.Version {
			t.Errorf("%q became version %d, want %v", text, in.Version, want.Version)
		}
	})
}

func FuzzIDsHaveOneSpelling(f *testing.F) {
	for _, text := range []string{"1", "0", "-1", "+1", "01", "1.0", "1e3", " 1", "9223372036854775807", "9223372036854775808", "١", "0x1", "1_0", "", "\x00", "1\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := asking("")
		c.SetParamNames("id")
		c.SetParamValues(text)
		id, err := web.PathID(c, "id")
		switch {
		case err != nil && !errors.Is(err, fault.ErrNotFound):
			t.Errorf("%q: got %v, want %v", text, err, fault.ErrNotFound)
		case err == nil && (id < 1 || strconv.FormatInt(id, 10) != text):
			t.Errorf("%q is %d, want an id with this spelling or an error", text, id)
		}
	})
}

func FuzzAPageOfAListIsInsideItsBounds(f *testing.F) {
	for _, text := range []string{"limit=1&after=1", "limit=1000", "limit=1001", "limit=0", "limit=-1", "limit=x", "after=0", "after=4611686018427387904", "after=4611686018427387905", "limit=1&limit=2", "limit=%31", "limit=%zz", "limit=1;after=2", "limit=", "&&=", "limit=+5"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, query string) {
		c := asking(query)
		got, err := readPageRange(c)
		if isOurs(err) {
			t.Fatalf("%q: %v", query, err)
		}
		if got.Limit < 0 {
			t.Fatalf("%q has the limit %d, want 0 to %d", query, got.Limit, maxLimit)
		}
		if got.Limit > maxLimit {
			t.Fatalf("%s: the limit is %d, want at most %d", query, got.Limit, maxLimit)
		}
		if got.After < 0 {
			t.Fatalf("%q is after %d, want 0 to %d", query, got.After, int64(1<<62))
		}
		if got.After > 1<<62 {
			t.Fatalf("%s: the after is %d, want at most %d", query, got.After, int64(1<<62))
		}
		if err == nil && c.QueryParam("limit") != "" && got.Limit == 0 {
			t.Errorf("%q returns the whole list", query)
		}
	})
}

func FuzzIfMatchIsATagAVersionOrRefused(f *testing.F) {
	for _, text := range []string{`"3.1700000000000000"`, `3`, `"3"`, `W/"3.1"`, `*`, ``, `"`, `""`, `"-3"`, `"0"`, `"9999999999999999999"`, `"3","4"`, `"3.1", "4.2"`, `W/3`, `"3`, `w/"3"`, "\x00", `"+3"`, `"03"`, `"2147483648"`, ` "3" `} {
		f.Add(text, 7)
	}
	f.Fuzz(func(t *testing.T, header string, body int) {
		got, err := wantedVersion(asking("", "If-Match", header), body)
		if isOurs(err) {
			t.Fatalf("%q: %v", header, err)
		}
		switch {
		case err != nil:
		case header == "" || header == "*":
			if got != body {
				t.Errorf("%q: got version %d, want %d of the body", header, got, body)
			}
		case got == math.MaxInt: // a number larger than any version
		case got < 1 || !strings.Contains(header, strconv.Itoa(got)):
			t.Errorf("%q: got version %d", header, got)
		}
	})
}

func FuzzEveryVersionMatchesItsOwnTag(f *testing.F) {
	f.Add(int32(1), "")
	f.Add(int32(1<<31-1), "\".,*\xff")
	f.Fuzz(func(t *testing.T, version int32, subject string) {
		if version < 1 {
			return
		}
		tag := ticketTag(web.JSONTicket{Version: version, Subject: subject})
		if got, err := wantedVersion(asking("", "If-Match", tag), 0); err != nil || got != int(version) {
			t.Errorf("%s: got version %d, %v, want %d", tag, got, err, version)
		}
		for _, header := range []string{tag, "W/" + tag + `, "x"`} {
			if !matches(header, tag) {
				t.Errorf("%s does not match %s", header, tag)
			}
		}
	})
}

func FuzzAStoredAnswerOpensOnlyUnchanged(f *testing.F) {
	f.Add("k", []byte(`{"id":1}`), "/api/tickets/1", 201, 0)
	f.Add("", []byte{}, "", 200, 20)
	f.Add("k\x00\xff", []byte("\x00"), "\n", -1, 7)
	f.Fuzz(func(t *testing.T, key string, body []byte, location string, status, flip int) {
		seals, err := newSeals([][]byte{[]byte("one"), []byte("two")})
		if err != nil {
			t.Fatal(err)
		}
		place := keptAt(account.Actor{ID: 1}, submissionKey(asking("", HeaderKey, key), requestData{key: "none"}))
		was := desk.Answer{Status: status, Body: body, Location: location}
		kept := seals[0].close(place, was)
		if got, err := seals[0].open(place, kept); err != nil || !bytes.Equal(got.Body, body) {
			t.Fatalf("%q became %q, %v", body, got.Body, err)
		}
		if _, err := seals[1].open(place, kept); err == nil {
			t.Error("another secret decrypts the answer")
		}
		if _, err := seals[0].open(place+"2", kept); err == nil {
			t.Error("the answer can be decrypted under another key")
		}
		kept.Body = bytes.Clone(kept.Body)
		kept.Body[uint(flip)%uint(len(kept.Body))] ^= 1
		if _, err := seals[0].open(place, kept); err == nil {
			t.Error("a changed answer can be decrypted")
		}
	})
}

// FuzzDifferentKeysStayDifferent searches for two keys that are stored as one, and for keys
// that the database refuses.
func FuzzDifferentKeysStayDifferent(f *testing.F) {
	f.Add("a", "a ")
	f.Add("\x00", "\xff")
	f.Add("", "api:")
	f.Fuzz(func(t *testing.T, one, other string) {
		stored := func(key string) string { return submissionKey(asking("", HeaderKey, key), requestData{key: "none"}) }
		if one != other && stored(one) == stored(other) {
			t.Errorf("%q and %q are both stored as %q", one, other, stored(one))
		}
		kept := stored(one)
		if len(kept) > 70 {
			t.Errorf("%q is stored as %q, want at most 70 bytes", one, kept)
		}
		if strings.ContainsFunc(kept, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%q is stored as %q, want visible ASCII", one, kept)
		}
	})
}

func FuzzNoLinkCanBeForged(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	links := web.NewFileLinks([][]byte{[]byte("a key of thirty-two bytes, or more")}, func() time.Time { return now })
	name, until := "abcdefghijklmnopqrstuvwxyz", strconv.FormatInt(now.Add(web.LinkTime).Unix(), 10)
	const by = "7.1.0"
	made, err := url.Parse(links.Address(name, by))
	if err != nil {
		f.Fatal(err)
	}
	sign := made.Query().Get("sign")
	for _, seed := range [][3]string{{name, until, sign}, {name, until, sign + "="}, {name, until, sign + "\n"}, {name, until, sign[:42] + "\x00"}, {name, until, sign[:42] + string(sign[42]+1)}, {name, until, sign[:42] + string(sign[42]-1)}, {name, until, sign[:42]}, {name, "0" + until, sign}, {name, "+" + until, sign}, {"x", until, sign}, {name, "", ""}, {name + "\x00" + until, "", sign}, {name, "9223372036854775807", sign}, {name, "-9223372036854775808", sign}} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, file, end, signed string) {
		c := asking(url.Values{"until": {end}, "by": {by}, "sign": {signed}}.Encode())
		c.SetPath("/uploads/:name")
		c.SetParamNames("name")
		c.SetParamValues(file)
		if got, want := links.Has(c), file == name && end == until && signed == sign; got != want {
			t.Errorf("%q until %q by %q: %v", file, end, signed, got)
		}
	})
}
