package input

import "testing"

func TestTextWithoutAVisibleCharacterIsBlank(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " \t\n", "\u200b", "\u0301", "\u2800", "\u3164", "\U00013441", "\U00013442", "\ufdd0", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff"} {
		if !IsBlank(text) {
			t.Errorf("%+q counts as visible, want blank", text)
		}
	}
	// Newer fonts and systems may show characters that are unassigned here.
	for _, text := range []string{"a", ".", "上", "\u0600", "\u0378", "\ue000", "\U00013440\U00013000", "\ufffea"} {
		if IsBlank(text) {
			t.Errorf("%+q counts as blank, want visible", text)
		}
	}
}
