package mailout

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"frontdesk/internal/mail"
)

// derive returns a key of 32 bytes for one use of a secret of the instance.
func derive(secret []byte, use string) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, use, 32)
	if err != nil {
		panic(err) // only for lengths that are too long
	}
	return key
}

// sign returns the first 13 bytes of the HMAC of a text for one use, in hex.
func (m *composer) sign(use, text string) string {
	return signWith(m.opts.Keys[0], use, text)
}

func signWith(secret []byte, use, text string) string {
	mac := hmac.New(sha256.New, derive(secret, use))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil)[:13])
}

// messageID returns a new id for a mail about an event of a ticket, both 0 for other mails. It
// consists of digits, hex and the domain of the mailbox, a form that spam filters accept.
func messageID(ticketID, seq int64, from mail.Address) string {
	random := make([]byte, 13)
	rand.Read(random)
	return fmt.Sprintf("%d.%d.%s@%s", ticketID, seq, hex.EncodeToString(random), from.Domain())
}

// rootID returns the id that all mails about a ticket have in their References, so that mail
// clients show them as one conversation. No message has it.
func (m *composer) rootID(ticketID int64, from mail.Address) string {
	return fmt.Sprintf("%d.root.%s@%s", ticketID, m.sign("frontdesk threads", fmt.Sprint(ticketID)), from.Domain())
}
