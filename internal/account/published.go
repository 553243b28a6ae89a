package account

import (
	"strings"
	"unicode"
)

// published are secrets and passwords printed in documents: those of the first system and
// its source, of well-known tools, and of our own documents. Attackers try them first.
var published = []string{
	"replace-with-a-long-random-string", "adminpass123!", "adminpass12025!",
	"your-256-bit-secret", "a-string-secret-at-least-256-bits-long", // jwt.io
	"super-secret-jwt-token-with-at-least-32-characters-long", // Supabase
	"a-password-of-your-own",                                  // the examples of our own API document
	"changeme", "change-me", "secret", "password", "admin", "postgres",
}

// publishedPart is the minimum length in bytes of a published secret that is also refused
// as a part of a longer secret.
const publishedPart = 13

// IsPublished reports whether a secret is published, ignoring case and the space around
// it. It also reports a secret that consists of a published one followed by digits or
// signs, and one that contains a published one of at least [publishedPart] bytes.
func IsPublished(secret string) bool {
	secret = strings.ToLower(strings.TrimSpace(secret))
	for _, known := range published {
		rest, begins := strings.CutPrefix(secret, known)
		if begins && !strings.ContainsFunc(rest, unicode.IsLetter) || len(known) >= publishedPart && strings.Contains(secret, known) {
			return true
		}
	}
	return false
}
