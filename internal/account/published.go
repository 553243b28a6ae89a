package account

import (
	"strings"
	"unicode"
)

// published are secrets and passwords that documents print: those of the first
// system, of its source, of well-known tools, and of our own. Attackers try them first.
var published = []string{
	"replace-with-a-long-random-string", "adminpass123!", "adminpass12025!",
	"your-256-bit-secret", "a-string-secret-at-least-256-bits-long", // jwt.io
	"super-secret-jwt-token-with-at-least-32-characters-long", // Supabase
	"a-password-of-your-own",                                  // the examples of our own API document
	"changeme", "change-me", "secret", "password", "admin", "postgres",
}

// publishedPart is the length from which a published secret is none either as a
// part of a longer one.
const publishedPart = 13

// IsPublished reports whether a secret is one that documents print, in whatever
// case, or is made of such a one by adding to it: digits and signs after a short one,
// anything to one of at least [publishedPart] bytes.
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
