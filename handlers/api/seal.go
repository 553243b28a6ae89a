package api

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"

	"frontdesk/internal/desk"
)

// What is kept for a request with an Idempotency-Key is confidential: the answer may have a
// token, and the request a password. Answers are therefore encrypted, and requests hashed,
// with keys derived from the one that signs tokens, so that the database alone reveals
// neither. (A hash without a key would be a weak hash of the password.)

// seal encrypts answers and hashes requests with the keys of one secret.
type seal struct {
	name       []byte // identifies the secret without revealing it
	requestKey []byte // the key of the requests' hashes
	box        cipher.AEAD
}

// newSeals returns the seals of the given secrets. The first one encrypts, all decrypt. An
// answer under any other secret cannot be read.
func newSeals(secrets [][]byte) ([]seal, error) {
	var seals []seal
	for _, secret := range secrets {
		var keys [3][]byte
		for i, use := range []string{"name", "request", "answer"} {
			var err error
			if keys[i], err = hkdf.Key(sha256.New, secret, nil, "frontdesk kept answers: "+use, sha256.Size); err != nil {
				return nil, fmt.Errorf("derive key: %w", err)
			}
		}
		block, err := aes.NewCipher(keys[2])
		if err != nil {
			return nil, err
		}
		box, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		seals = append(seals, seal{name: keys[0][:8], requestKey: keys[1], box: box})
	}
	return seals, nil
}

// hash returns a hash of a request (HMAC-SHA-256).
func (s seal) hash(request []byte) desk.Request {
	mac := hmac.New(sha256.New, s.requestKey)
	mac.Write(request)
	return desk.Request{Seal: s.name, Hash: mac.Sum(nil)}
}

// close encrypts the body of an answer. It can be decrypted only with the same address (see
// [keptAt]), status and location.
func (s seal) close(address string, a desk.Answer) desk.Answer {
	a.Seal, a.Body = s.name, s.box.Seal(nil, nil, a.Body, authenticated(address, a))
	return a
}

// open returns the answer as it was before [seal.close].
func (s seal) open(address string, a desk.Answer) (desk.Answer, error) {
	body, err := s.box.Open(nil, nil, a.Body, authenticated(address, a))
	if err != nil {
		return desk.Answer{}, fmt.Errorf("open a kept answer: %w", err)
	}
	a.Body = body
	return a, nil
}

// authenticated returns the data that is authenticated with an encrypted body.
func authenticated(address string, a desk.Answer) []byte {
	return fmt.Appendf(nil, "%s\x00%d\x00%s", address, a.Status, a.Location)
}
