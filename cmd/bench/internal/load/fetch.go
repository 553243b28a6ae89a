package load

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Body returns what [Copy] writes.
func Body(ctx context.Context, addr, path, header, value string) ([]byte, error) {
	var body bytes.Buffer
	if _, err := Copy(ctx, &body, addr, path, header, value); err != nil {
		return nil, err
	}
	return body.Bytes(), nil
}

// Copy writes the uncompressed body of the answer to a GET request with one header
// to w, and returns its size in bytes. It returns an error if the status is not 200.
func Copy(ctx context.Context, w io.Writer, addr, path, header, value string) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+path, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set(header, value)
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s", path, resp.Status)
	}
	return io.Copy(w, resp.Body)
}

// Token signs in over the API and returns the bearer token.
func Token(addr, email, password string) (string, error) {
	return TokenFrom(addr, "/api/auth/login", map[string]string{"email": email, "password": password})
}

// TokenFrom posts in as JSON to a path that answers with a bearer token, such as
// /api/auth/register, and returns the token.
func TokenFrom(addr, path string, in map[string]string) (string, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return "", err
	}
	resp, err := http.Post("http://"+addr+path, "application/json", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var got struct{ Token string }
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || got.Token == "" {
		return "", fmt.Errorf("%s of %s: %s", path, in["email"], resp.Status)
	}
	return got.Token, nil
}
