package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// minSecret is the length of a key for HMAC-SHA-256 (RFC 7518, 3.2), in bytes.
const minSecret = 32

// tokenKeys returns the keys of signed tokens. The first one signs; all of them verify.
func (c *Config) tokenKeys(dataDir string) ([][]byte, error) {
	key, err := c.secret(dataDir)
	if err != nil {
		return nil, writable(err, dataDir, "DATA_DIR")
	}
	keys := [][]byte{key}
	if c.JWTSecretPrevious != "" {
		keys = append(keys, []byte(c.JWTSecretPrevious))
	}
	return keys, nil
}

// secret returns JWT_SECRET or, if that is not set, the key in the data folder. It makes
// that key if it is missing; two processes that do so at once get the same key.
func (c *Config) secret(dataDir string) ([]byte, error) {
	if c.JWTSecret != "" {
		return []byte(c.JWTSecret), nil
	}
	path := filepath.Join(dataDir, "jwt-secret")
	kept, err := os.ReadFile(path)
	switch {
	case err == nil && len(kept) >= minSecret:
		return kept, nil
	case err == nil: // incomplete: the process that wrote it was killed
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read the key of tokens: %w", err)
	}
	if err := makeSecret(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

// makeSecret writes a new random key to path. The file is complete and synced when it
// appears. The error is fs.ErrExist if another process has made it first.
func makeSecret(path string) error {
	raw := make([]byte, minSecret)
	rand.Read(raw)
	f, err := os.CreateTemp(filepath.Dir(path), ".jwt-secret-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(base64.RawURLEncoding.EncodeToString(raw))
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Rename(f.Name(), path) // the file system does not support links
}
