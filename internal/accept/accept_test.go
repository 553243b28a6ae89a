package accept

import (
	"math"
	"strings"
	"testing"
)

func TestTheCodingWithTheGreatestWeightIsChosen(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"gzip": "gzip", "GZIP": "gzip", "x-gzip": "gzip", "gzip;q=1": "gzip", "gzip;q=0.001": "gzip", "gzip ; q=0.5": "gzip", "*": "br", "*;q=0.1": "br",
		"br": "br", "gzip, br": "br", "gzip;q=0.8, br;q=0.2": "gzip", "br;q=0, *": "gzip", "deflate, gzip": "gzip", "gzip;level=9;q=0.5": "gzip", "gzip;Q=0.5": "gzip",
		"": Identity, "gzip;q=0": Identity, "gzip;Q=0": Identity, "gzip;q=0.000": Identity, "x-gzip;q=0": Identity, "gzip;q=0, *": "br", "*;q=0": Identity, "br;q=0, gzip;q=0": Identity,
		"identity": Identity, "identity, gzip;q=0.5": Identity, "gzip;q=0.5, identity;q=0.5": "gzip", "br;q=0.5, identity;q=0.5": "br",
		"identity;q=0, gzip;q=0.1": "gzip", "identity;q=0": Identity, "identity;q=0, *;q=0": Identity, "*;q=0, gzip": "gzip",
		"deflate": Identity, "gzipx": Identity, "not-gzip": Identity, "gzip;q=x": Identity, "gzip;q=NaN": Identity, "gzip;q=0x1p-2": Identity, "gzip;q=1e-1": Identity, "gzip;q=+0.5": Identity, "gzip;q=-1": Identity, "gzip;q=2": Identity, "gzip;q=": Identity, ",,;,": Identity,
	} {
		if got := Coding([]string{header}, "br", "gzip"); got != want {
			t.Errorf("%q: got %s, want %s", header, got, want)
		}
	}
	if got := Coding(nil, "br", "gzip"); got != Identity {
		t.Errorf("without the field: got %s, want %s", got, Identity)
	}
	if got := Coding([]string{"deflate", "gzip"}, "gzip"); got != "gzip" {
		t.Errorf("in two lines: got %s, want gzip", got)
	}
}

func TestIdentityIsAcceptedUnlessItIsExcluded(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		"": true, "gzip": true, "gzip;q=0": true, "identity": true, "*": true, "identity;q=0": false, "*;q=0": false, "gzip, *;q=0": false, "*;q=0, identity": true, "identity;q=0.001": true,
	} {
		if got := TakesIdentity([]string{header}); got != want {
			t.Errorf("%q: got %t, want %t", header, got, want)
		}
	}
}

func TestTheMostSpecificMediaRangeHasTheWeight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		header string
		q      float64
		named  bool
	}{
		{"text/html", 1, true}, {"TEXT/HTML;q=0.5", 0.5, true}, {"*/*;q=0.1, text/*;q=0.2, text/html;q=0.3", 0.3, true}, {"*/*;q=0.1, text/*;q=0.2", 0.2, false},
		{"*/*", 1, false}, {"text/html;q=0, */*", 0, true}, {"application/json", 0, false}, {"image/*", 0, false}, {"text/html;level=1;q=0.4", 0.4, true}, {"", 0, false},
	} {
		q, named := MediaType([]string{c.header}, "text/html")
		if q != c.q {
			t.Errorf("%q: got %v, want %v", c.header, q, c.q)
		}
		if named != c.named {
			t.Errorf("%q: named is %t, want %t", c.header, named, c.named)
		}
	}
	q, named := MediaType(nil, "text/html")
	if q != 1 {
		t.Errorf("without the field: got %v, want 1", q)
	}
	if named {
		t.Error("without the field: named is true, want false")
	}
}

func FuzzWeightsAreInRange(f *testing.F) {
	for _, text := range []string{"gzip;q=1e9", "*;q=-0", "a;q=Inf", ";;q=1,,", "gzip;q=0x1p-2", strings.Repeat("gzip,", 100)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := Coding([]string{text}, "br", "gzip"); got != "br" && got != "gzip" && got != Identity {
			t.Errorf("%q: got %q, which was not offered", text, got)
		}
		q, _ := MediaType([]string{text}, "text/html")
		if math.IsNaN(q) {
			t.Errorf("%q: the weight is not a number", text)
		}
		if q < 0 {
			t.Errorf("%q: the weight is %v, want at least 0", text, q)
		}
		if q > 1 {
			t.Errorf("%q: the weight is %v, want at most 1", text, q)
		}
	})
}
