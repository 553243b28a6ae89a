package load

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Browser is the Accept-Encoding header of browsers.
const Browser = "gzip, deflate, br, zstd"

// Get returns a GET request with the given Cookie and Accept-Encoding headers. An empty one
// is left out.
func Get(path, cookie, codings string) []byte {
	return request(http.MethodGet, path, cookie, codings, "")
}

// Post returns the POST of a form as a browser of the same origin sends it.
func Post(path, cookie, body string) []byte {
	return request(http.MethodPost, path, cookie, "", body)
}

func request(method, path, cookie, codings, body string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: bench\r\nSec-Fetch-Site: same-origin\r\n", method, path)
	if cookie != "" {
		fmt.Fprintf(&b, "Cookie: %s\r\n", cookie)
	}
	if codings != "" {
		fmt.Fprintf(&b, "Accept-Encoding: %s\r\n", codings)
	}
	if body != "" {
		fmt.Fprintf(&b, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n")
	b.WriteString(body)
	return b.Bytes()
}

// Call returns a request as a program sends it to the API. An empty token, key or
// body is left out.
func Call(method, path, token, key, body string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: bench\r\n", method, path)
	if token != "" {
		fmt.Fprintf(&b, "Authorization: Bearer %s\r\n", token)
	}
	if key != "" {
		fmt.Fprintf(&b, "Idempotency-Key: %s\r\n", key)
	}
	if body != "" {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n" + body)
	return b.Bytes()
}

// ReadAnswer reads one HTTP/1.1 answer and returns its status and the size of its body.
func ReadAnswer(r *bufio.Reader) (status, size int, err error) {
	length, chunked := -1, false
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case first:
			if len(line) < 12 {
				return 0, 0, fmt.Errorf("not an HTTP answer: %q", line)
			}
			status, _ = strconv.Atoi(string(line[9:12]))
		case len(line) == 0:
			if chunked {
				size, err = discardChunks(r)
				return status, size, err
			}
			if length > 0 {
				_, err = r.Discard(length)
			}
			return status, max(length, 0), err
		default:
			name, value, _ := bytes.Cut(line, []byte(":"))
			if bytes.EqualFold(name, []byte("Content-Length")) {
				length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
			}
			chunked = chunked || bytes.EqualFold(name, []byte("Transfer-Encoding"))
		}
	}
}

// discardChunks reads a chunked body to its end and returns the size of its data.
func discardChunks(r *bufio.Reader) (size int, err error) {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return size, err
		}
		length, _, _ := strings.Cut(line, ";")
		n, err := strconv.ParseInt(strings.TrimSpace(length), 16, 64)
		if err != nil {
			return size, err
		}
		if _, err := io.CopyN(io.Discard, r, n+2); err != nil || n == 0 {
			return size, err
		}
		size += int(n)
	}
}
