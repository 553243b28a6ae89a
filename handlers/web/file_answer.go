package web

import (
	"maps"
	"net/http"

	"github.com/labstack/echo/v4"
)

// fileAnswer receives the answer of [http.ServeContent]. It does not send a refusal, such as
// 416, so that the error table answers it like every other failure. It has its own headers,
// because a refusal must not have those of the file.
type fileAnswer struct {
	http.ResponseWriter
	header  http.Header
	refused int // the status that was held back, or 0
}

// newFileAnswer returns a fileAnswer that writes to w.
func newFileAnswer(w http.ResponseWriter) *fileAnswer {
	return &fileAnswer{ResponseWriter: w, header: http.Header{}}
}

// Header returns the headers of the file.
func (f *fileAnswer) Header() http.Header { return f.header }

// WriteHeader sends the headers of the file, unless status is a refusal.
func (f *fileAnswer) WriteHeader(status int) {
	if status >= http.StatusBadRequest {
		f.refused = status
		return
	}
	maps.Copy(f.ResponseWriter.Header(), f.header)
	f.ResponseWriter.WriteHeader(status)
}

// Write drops the text of a refusal.
func (f *fileAnswer) Write(p []byte) (int, error) {
	if f.refused != 0 {
		return len(p), nil
	}
	return f.ResponseWriter.Write(p)
}

// err returns the refusal as an error, or nil.
func (f *fileAnswer) err() error {
	switch f.refused {
	case 0:
		return nil
	case http.StatusRequestedRangeNotSatisfiable:
		if size := f.header.Get("Content-Range"); size != "" { // RFC 9110, 15.5.17
			f.ResponseWriter.Header().Set("Content-Range", size)
		}
		return echo.NewHTTPError(f.refused, "The file has no such part: it is shorter than the range that was asked for.")
	case http.StatusPreconditionFailed:
		return echo.NewHTTPError(f.refused, "The file is another than the one the request is about.")
	}
	return echo.NewHTTPError(f.refused, "The file could not be read.")
}
