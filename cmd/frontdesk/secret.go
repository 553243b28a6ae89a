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

// tokenKeys are the keys of signed tokens. The first signs.
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

// secret returns JWT_SECRET, or the one kept in the data folder, which the first
// run makes. Two programs that make it at once get the same one.
func (c *Config) secret(dataDir string) ([]byte, error) {
	if c.JWTSecret != "" {
		return []byte(c.JWTSecret), nil
	}
	path := filepath.Join(dataDir, "jwt-secret")
	kept, err := os.ReadFile(path)
	switch {
	case err == nil && len(kept) >= minSecret:
		return kept, nil
	case err == nil: // written by a program that was killed meanwhile
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

// makeSecret writes a new secret to path, whole and on the disk or not at all. The
// error is fs.ErrExist if there is one by then.
func makeSecret(path string) error {
	raw := make([]byte, minSecret)
	rand.Read(raw)
	f, err := os.CreateTemp(filepath.Dir(path), ".jwt-secret-*") // only we may read it
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
	return os.Rename(f.Name(), path) // the file system has no links
}
