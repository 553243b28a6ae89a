package handlers

import (
	"net/http"
	"strings"
	"testing"
)

func TestABoundaryLongerThanRFC2046AllowsIsRefused(t *testing.T) {
	app := newApp(t)
	ana := app.customer("Ana")
	for length, want := range map[int]int{70: http.StatusCreated, 71: http.StatusBadRequest, 20_000: http.StatusBadRequest} {
		boundary := strings.Repeat("b", length)
		body := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"attachment\"; filename=\"a.txt\"\r\n\r\ntext\r\n--" + boundary + "--\r\n"
		got := ana.send(http.MethodPost, "/uploads", strings.NewReader(body), "Content-Type", "multipart/form-data; boundary="+boundary, "Accept", "application/json")
		if got.StatusCode != want {
			t.Errorf("a boundary of %d characters: got %d, want %d: %s", length, got.StatusCode, want, got.body)
		}
	}
}
