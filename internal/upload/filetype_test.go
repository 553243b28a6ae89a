package upload

import "testing"

// Earlier versions found the type of a file from its first 512 bytes.
func TestAnUncheckedCharsetIsNotReturned(t *testing.T) {
	t.Parallel()
	if got := MediaType("text/plain; charset=utf-8", ""); got != "text/plain" {
		t.Errorf("got %q, want %q", got, "text/plain")
	}
}
