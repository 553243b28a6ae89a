package input

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestSpellingsOfOneAddressHaveOneKey(t *testing.T) {
	t.Parallel()
	for want, spellings := range map[string][]string{
		"ana@example.org": {"ana@EXAMPLE.org", "ana\u200b@example.org", "\ufeffana@example.org", "ana@exam\u00adple.org", "ａｎａ＠ｅｘａｍｐｌｅ．ｏｒｇ",
			"ana@example。org", "ana\u200d@example.org", "\u202aana@example.org\u202c", " ana@example.org\u2060 ", "ana@example.org.", "a\u034fna@example.org"},
		"ana@bücher.example":   {"ana@xn--bcher-kva.example", "ana@XN--Bcher-KVA.example", "ana@BÜCHER.example", "ana@bu\u0308cher.example"},
		"zoé@example.org":      {"zoe\u0301@example.org", "zoe\u200b\u0301@example.org"},
		"ana@نامه\u200cای.com": {"ana@xn--mgba3gch31f060k.com"},
		"ana@例え.テスト":           {"ana@例え。テスト", "ana@xn--r8jz45g.xn--zckzah"},
		"ana@faß.de":           {"ana@xn--fa-hia.de"},
	} {
		if got := EmailForm(want); got != want {
			t.Errorf("the form of %q: got %q, want it unchanged", want, got)
		}
		for _, spelling := range spellings {
			if got := EmailForm(spelling); got != want {
				t.Errorf("the form of %q: got %q, want %q", spelling, got, want)
			}
			if got := EmailKey(spelling); got != EmailKey(want) {
				t.Errorf("the key of %q: got %q, want %q", spelling, got, EmailKey(want))
			}
		}
	}
}

func TestTheLocalPartKeepsItsCaseAndIsComparedWithoutIt(t *testing.T) {
	t.Parallel()
	if got := EmailForm("Ana.K@Example.ORG"); got != "Ana.K@example.org" {
		t.Errorf("the form: got %q, want %q", got, "Ana.K@example.org")
	}
	for _, pair := range [][2]string{{"ANA@example.org", "ana@example.org"}, {"ΚΏΣΤΑΣ@example.org", "κώστας@example.org"}, {"ÉVA@example.org", "e\u0301va@example.org"}} {
		if a, b := EmailKey(pair[0]), EmailKey(pair[1]); a != b {
			t.Errorf("%q and %q: got the keys %q and %q, want one", pair[0], pair[1], a, b)
		}
	}
}

func TestDifferentAddressesHaveDifferentKeys(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{{"strasse@example.org", "straße@example.org"}, {"ana@نامه\u200cای.com", "ana@نامهای.com"}, {"ana@fass.de", "ana@faß.de"},
		{"ırmak@example.org", "irmak@example.org"}, {"a.na@example.org", "ana@example.org"}} {
		if EmailKey(pair[0]) == EmailKey(pair[1]) {
			t.Errorf("%q and %q have one key %q", pair[0], pair[1], EmailKey(pair[0]))
		}
	}
}

func TestADomainThatMixesScriptsIsShownInASCII(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"ana@аpple.com":        "ana@xn--pple-43d.com", // the first letter is Cyrillic
		"ana@xn--pple-43d.com": "ana@xn--pple-43d.com",
		"ana@日本ひらカナ.jp":        "ana@日本ひらカナ.jp",
		"ana@яндекс.рф":        "ana@яндекс.рф",
	} {
		if got := EmailForm(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestMisleadingAddressesAreRefused(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"ana\u202egro.elpmaxe@example.org", "ana@exam\u202eple.org", "ana@xn--zzzzzz.example", `"ana"@example.org`, "ana@a\u2066b.org", "ana"} {
		in := struct {
			Email string `form:"email" validate:"required,max=254,line,email,address"`
		}{address}
		if err := Check(&in); err == nil {
			t.Errorf("%q is accepted as %q", address, in.Email)
		}
	}
}

func TestSpellingsOfOneNameHaveOneKey(t *testing.T) {
	t.Parallel()
	for form, spellings := range map[string][]string{
		"Café":       {"Cafe\u0301", "CAFÉ", "Ca\u200bfé", "\ufeffCafé", "Café\u2060", "cafe\u200d\u0301", "Café\u2800"},
		"Tax & Fees": {"Tax  &\u00a0Fees", "Tax\u3000& Fees", "Ｔａｘ & Fees"},
		"پشتیبانی":   {"پشتیبانی\u200c", "\u200fپشتیبانی"},
	} {
		if got := NameForm(form); got != form {
			t.Errorf("the form of %q: got %q, want it unchanged", form, got)
		}
		for _, s := range spellings {
			if NameKey(s) != NameKey(form) {
				t.Errorf("the key of %q: got %q, want %q", s, NameKey(s), NameKey(form))
			}
		}
	}
}

func TestNamesKeepJoinersAndVariationSelectors(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"می\u200cخواهم", "ශ්\u200dරී", "👩\u200d🚀", "❤\ufe0f", "Straße", "⠓⠊"} {
		if got := NameForm(name); got != name {
			t.Errorf("got %q, want %q", got, name)
		}
	}
}

func TestFoldingEqualsTheSimpleCaseFoldingOfUnicode(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if other := unicode.SimpleFold(r); foldCase(string(r)) != foldCase(string(other)) {
			t.Errorf("%U and %U: got %q and %q, want one", r, other, foldCase(string(r)), foldCase(string(other)))
		}
	}
}

func FuzzTheFormOfAnAddressIsStable(f *testing.F) {
	for _, s := range []string{"Ana@Bücher.example", "a\u200b@xn--bcher-kva.example", "Cafe\u0301", "\u202eana@x", "\uffa0\u3164", "ﷺ@x.org", "a@b@c", "İ@ﬁ.example", "a\u180e\u0301 b", "ͅ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || len(s) > maxIdentifier {
			t.Skip()
		}
		if isEmailForm(s) {
			form := EmailForm(s)
			if got := EmailForm(form); got != form {
				t.Errorf("%q: the form of the form %q is %q", s, form, got)
			}
			if got := EmailKey(form); got != EmailKey(s) {
				t.Errorf("%q: the key of the form is %q, want %q", s, got, EmailKey(s))
			}
		}
		form := NameForm(s)
		if got := NameForm(form); got != form {
			t.Errorf("%q: the form of the form %q is %q", s, form, got)
		}
		if got := NameKey(form); got != NameKey(s) {
			t.Errorf("%q: the key of the form is %q, want %q", s, got, NameKey(s))
		}
		if key := EmailKey(s); isPlainEmail(s) && key != strings.ToLower(s) {
			t.Errorf("%q in ASCII: got the key %q, want it only in lower case", s, key)
		}
	})
}

// isPlainEmail reports whether s is a valid address in ASCII, without encoded labels, spaces around
// it or a dot at its end.
func isPlainEmail(s string) bool {
	return isASCII(s) && isEmailForm(s) && !strings.Contains(strings.ToLower(s), "xn--") && strings.TrimSpace(s) == s && !strings.HasSuffix(s, ".")
}

// isASCII reports whether all characters are in ASCII.
func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

func TestAnAddressThatLooksLikeAnotherIsRefused(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"ana@my\u2010co.example", "ana@my\u2011co.example", "ana@my\u2212co.example", "ana@my\u2013co.example", "ana@my\u2022co.example",
		"an-a\u2010b@example.org", "an\u2011a@example.org", "an\u2212a@example.org", "an\u2014a@example.org", "\u0430na@example.org", "an\u03b1@example.org", "ana\u2800@example.org", "a\u2800na@example.org"} {
		if isEmailForm(address) {
			t.Errorf("%+q is accepted", address)
		}
	}
	for _, address := range []string{"an-a@my-co.example", "ana_b.c+d@my_co.example", "анна@example.org", "ζωή1@example.org", "太郎たろう@例え.テスト", "ana@col\u00b7legi.cat", "ana@نامه\u200cای.com", "o'brien@example.org", "ana@123.example"} {
		if !isEmailForm(address) {
			t.Errorf("%+q is refused", address)
		}
	}
}
