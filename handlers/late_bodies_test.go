package handlers

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"mime/multipart"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
)

// urlencoded returns the content type and the body of a form with padding bytes more.
func urlencoded(form url.Values, padding int) (string, []byte) {
	return echo.MIMEApplicationForm, []byte(form.Encode() + "&padding=" + strings.Repeat("x", padding))
}

// multipart returns the content type and the body of a multipart form with files and
// padding bytes more.
func (l *lateRun) multipart(form url.Values, padding int, files ...file) (string, []byte) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, values := range form {
		_ = w.WriteField(name, values[0]) // a buffer returns no error
	}
	_ = w.WriteField("padding", strings.Repeat("x", padding))
	for _, f := range files {
		part, _ := w.CreateFormFile(f.field, f.name)
		_, _ = io.WriteString(part, f.content)
	}
	_ = w.Close()
	return w.FormDataContentType(), b.Bytes()
}

// json returns the content type and a body of JSON with padding bytes more.
func (l *lateRun) json(body any, padding int) (string, []byte) {
	fields := obj{"padding": strings.Repeat("x", padding)}
	if given, ok := body.(obj); ok {
		maps.Copy(fields, given)
	}
	b, err := json.Marshal(fields)
	if err != nil {
		l.t.Fatal(err)
	}
	return echo.MIMEApplicationJSON, b
}
