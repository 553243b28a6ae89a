package mail

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// Seal encrypts a server with its password for storage (XChaCha20-Poly1305). The key has 32 bytes.
func Seal(key []byte, s Server) ([]byte, error) {
	box, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("seal a server: %w", err)
	}
	plain, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("seal a server: %w", err)
	}
	nonce := make([]byte, box.NonceSize(), box.NonceSize()+len(plain)+box.Overhead())
	rand.Read(nonce)
	return box.Seal(nonce, nonce, plain, nil), nil
}

// ErrSealed is returned if a sealed server cannot be opened with any of the keys.
var ErrSealed = errors.New("the password was sealed with another key")

// Open decrypts what [Seal] returned with one of the keys.
func Open(keys [][]byte, sealed []byte) (Server, error) {
	for _, key := range keys {
		if s, err := open(key, sealed); err == nil {
			return s, nil
		}
	}
	return Server{}, ErrSealed
}

func open(key, sealed []byte) (s Server, err error) {
	box, err := chacha20poly1305.NewX(key)
	if err != nil {
		return s, err
	}
	if len(sealed) < box.NonceSize() {
		return s, ErrSealed
	}
	plain, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], nil)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(plain, &s)
}
