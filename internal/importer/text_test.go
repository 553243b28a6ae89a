package importer

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLongTextsAreDividedAtBorders(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", []string{""}},
		{"abcdefgh", []string{"abcdefgh"}},
		{"abcdefghi", []string{"abcdefgh", "i"}},
		{"abcdefg\nhi", []string{"abcdefg", "hi"}},
		{"abcdef g\nhi", []string{"abcdef g", "hi"}},
		{"abcdef ghi", []string{"abcdef", "ghi"}},
		{"a bcdefghi", []string{"a bcdefg", "hi"}},
		{"ééééééééé", []string{"éééééééé", "é"}},
		{"abcdefgh        i", []string{"abcdefgh", "i"}},
	} {
		if got := split(c.text, 8); !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func FuzzPartsOfATextAreWhole(f *testing.F) {
	f.Add("a b\nc d e f g h i j k l m n o p")
	f.Fuzz(func(t *testing.T, text string) {
		parts := split(text, 8)
		plain := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if got := plain(strings.Join(parts, " ")); got != plain(text) {
			t.Errorf("got %q, want %q", got, plain(text))
		}
		for _, p := range parts {
			if utf8.RuneCountInString(p) > 8 {
				t.Errorf("%q has more than 8 characters", p)
			}
		}
	})
}

func TestAnAttachmentKeepsItsOriginalName(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"1700000000000_a b.png": "a b.png", "1700000000000-a.png": "a.png", "2024_a.png": "2024_a.png", "1700000000000_": "1700000000000_", "x/1700000000000_a.png": "a.png"} {
		if got := filename(path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestAnAttachmentIsLookedUpByItsPathInTheFolder(t *testing.T) {
	t.Parallel()
	for attachment, want := range map[string][]string{
		"/uploads/a.png":                       {"a.png"},
		"uploads/a%20b.png":                    {"a%20b.png", "a b.png"},
		"https://x.example/uploads/2024/a.png": {"2024/a.png"},
		"https://x.example/files/a.png?v=1":    {"a.png?v=1", "a.png"},
		"a.png":                                {"a.png"},
		"/myuploads/a.png":                     {"myuploads/a.png"},
	} {
		if got := candidates(attachment); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", attachment, got, want)
		}
	}
}
