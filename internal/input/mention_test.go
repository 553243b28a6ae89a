package input

import "testing"

func TestAnAtSignMentionsExceptAfterACharacterOfAnAddress(t *testing.T) {
	t.Parallel()
	for _, r := range "aé7٣\u0301._%+-" {
		if MayPrecedeMention(r) {
			t.Errorf("%q may precede a mention", r)
		}
	}
	for _, r := range " (,²½Ⅷ€请ไ" {
		if !MayPrecedeMention(r) {
			t.Errorf("%q may not precede a mention", r)
		}
	}
}
