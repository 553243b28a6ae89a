package ui

import "testing"

func TestOnlyTextThatCanReorderItsSurroundingsIsIsolated(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                      "",
		"The brake squeaks (2)": "The brake squeaks (2)",
		"тормоз, φρένο, ブレーキ 👩‍🔧": "тормоз, φρένο, ブレーキ 👩‍🔧",
		"בלם 2":           "\u2068בלם 2\u2069",
		"مكبح":            "\u2068مكبح\u2069",
		"\u202eabc":       "\u2068abc\u2069",
		"a\u2069b\u202cc": "\u2068abc\u2069",
		"\u200fabc":       "\u2068\u200fabc\u2069",
	} {
		if got := Isolated(text); got != want {
			t.Errorf("Isolated(%q) = %q, want %q", text, got, want)
		}
	}
}
