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

// What is kept for a request with an Idempotency-Key may be worth stealing: a
// token in the answer, a password in what was asked. Kept answers are sealed, and
// requests hashed, under keys derived from the one that signs tokens, so that
// neither is of use to who reads the database without it (a plain hash of a
// request would be a weak hash of its password).

// seal keeps answers under one secret.
type seal struct {
	name  []byte // tells which secret, and nothing of it
	asked []byte // the key of requests' hashes
	box   cipher.AEAD
}

// newSeals makes the seals of the given secrets: the first one seals, all open.
// What was sealed under a secret that is not among them is lost.
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
		seals = append(seals, seal{name: keys[0][:8], asked: keys[1], box: box})
	}
	return seals, nil
}

// hash tells requests apart.
func (s seal) hash(request []byte) desk.Request {
	mac := hmac.New(sha256.New, s.asked)
	mac.Write(request)
	return desk.Request{Seal: s.name, Hash: mac.Sum(nil)}
}

// close seals an answer for the place where it is kept: it opens nowhere else.
func (s seal) close(place string, a desk.Answer) desk.Answer {
	a.Seal, a.Body = s.name, s.box.Seal(nil, nil, a.Body, around(place, a))
	return a
}

// open is the answer as it was before [seal.close].
func (s seal) open(place string, a desk.Answer) (desk.Answer, error) {
	body, err := s.box.Open(nil, nil, a.Body, around(place, a))
	if err != nil {
		return desk.Answer{}, fmt.Errorf("open a kept answer: %w", err)
	}
	a.Body = body
	return a, nil
}

// around is what belongs to a sealed body.
func around(place string, a desk.Answer) []byte {
	return fmt.Appendf(nil, "%s\x00%d\x00%s", place, a.Status, a.Location)
}
