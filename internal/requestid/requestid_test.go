package requestid_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"frontdesk/internal/requestid"
)

func TestIdsFromOutsideAreAcceptedInSafeCharactersAndLength(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		requestid.New():                        true,
		"6f1c2a9e-3b7d-4c55-9f0e-2d8a7b6c5e4f": true,
		"Root.1_a-b":                           true,
		"1234567":                              false,
		strings.Repeat("a", 64):                true,
		strings.Repeat("a", 65):                false,
		"":                                     false,
		"12345678\n":                           false,
		`12345678"`:                            false,
		"<b>12345678":                          false,
		"12345678 9":                           false,
		"1234567é":                             false,
		"12345678\x00":                         false,
	} {
		if got := requestid.IsValid(id); got != want {
			t.Errorf("%q: got %t, want %t", id, got, want)
		}
	}
}

func TestLogEntriesHaveTheIdOfTheirContext(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(requestid.Handler(slog.NewTextHandler(&out, nil))).With("part", "desk")
	log.InfoContext(requestid.With(context.Background(), "0123456789abcdef"), "saved")
	if got, want := out.String(), "msg=saved part=desk request_id=0123456789abcdef\n"; !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want the end %q", got, want)
	}
	out.Reset()
	log.Info("started")
	if got := out.String(); strings.Contains(got, "request_id") {
		t.Errorf("an entry without a request has an id: %q", got)
	}
}
