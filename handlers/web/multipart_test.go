package web

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAFileWithAControlCharacterInItsNameIsRefused(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]error{"a\x00.txt": errPartHead, "a\x01.txt": errPartHead, "a.txt": nil} {
		body := "--b\r\nContent-Disposition: form-data; name=\"attachment\"; filename=\"" + name + "\"\r\n\r\none\r\n--b--\r\n"
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		if _, err := parseMultipart(r, "b", nil, DiscardFile); err != want {
			t.Errorf("%q: got %v, want %v", name, err, want)
		}
	}
}
