package input

import (
	"testing"
	"time"
)

func TestTextWithoutAVisibleCharacterIsBlank(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " \t\n", "\u200b", "\u0301", "\u2800", "\u3164", "\U00013441", "\U00013442", "\ufdd0", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff"} {
		if !IsBlank(text) {
			t.Errorf("%+q counts as visible, want blank", text)
		}
	}
	// Newer fonts and systems may show characters that are unassigned in this version of Unicode.
	for _, text := range []string{"a", ".", "上", "\u0600", "\u0378", "\ue000", "\U00013440\U00013000", "\ufffea"} {
		if IsBlank(text) {
			t.Errorf("%+q counts as blank, want visible", text)
		}
	}
}

func TestTextsOfAnotherProgramBecomeAcceptable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" a\r\nb\rc\t\x00d\x1b[1m\u0085 ": "a\nb\nc\td[1m",
		"a\xffb":                          "a\ufffdb",
		"\u200b\u2028":                    "",
	} {
		got := CleanText(in)
		if got != want {
			t.Errorf("text %+q: got %+q, want %+q", in, got, want)
		}
		if !isProse(got) {
			t.Errorf("text %+q: %+q is not prose", in, got)
		}
	}
	for in, want := range map[string]string{"a\r\nb\tc\u2028d": "a b c d", "\n": ""} {
		got := CleanLine(in)
		if got != want {
			t.Errorf("line %+q: got %+q, want %+q", in, got, want)
		}
		if !isLine(got) {
			t.Errorf("line %+q: %+q is not a line", in, got)
		}
	}
	if got, want := CleanName("  Zoe\u0308\u202e \n\tB\x07 "), "Zo\u00eb B"; got != want {
		t.Errorf("name: got %+q, want %+q", got, want)
	}
}

func TestASizeHasOneUnitAndNoZeroAfterThePoint(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 bytes", 1: "1 byte", 1023: "1023 bytes", 1 << 10: "1 KiB", 188416: "184 KiB", 1536: "2 KiB",
		1 << 20: "1 MiB", 10 << 20: "10 MiB", 3 << 19: "1.5 MiB", 5 << 29: "2.5 GiB"} {
		if got := Bytes(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

func TestADurationHasTheLargestUnitThatDividesIt(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{10 * time.Second: "10 seconds", time.Minute: "1 minute", 90 * time.Second: "90 seconds", 10 * time.Minute: "10 minutes", 24 * time.Hour: "24 hours", 36 * time.Hour: "36 hours", 7 * 24 * time.Hour: "7 days"} {
		if got := Duration(d); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
}

func TestBytesAreRoundedHalfUp(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 bytes", 1: "1 byte", 1023: "1023 bytes", 1024: "1 KiB", 1535: "1 KiB", 1536: "2 KiB", 2560: "3 KiB", 188416: "184 KiB",
		1 << 20: "1 MiB", 5 << 18: "1.3 MiB", 5<<18 - 1: "1.2 MiB", 20 << 20: "20 MiB", 3 << 29: "1.5 GiB", 1 << 50: "1048576 GiB"} {
		if got := Bytes(n); got != want {
			t.Errorf("%d bytes: got %q, want %q", n, got, want)
		}
	}
}
