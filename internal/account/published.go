package account

import "strings"

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
// case, or is made of such a one by adding to it.
func IsPublished(secret string) bool {
	secret = strings.ToLower(strings.TrimSpace(secret))
	for _, known := range published {
		if secret == known || len(known) >= publishedPart && strings.Contains(secret, known) {
			return true
		}
	}
	return false
}
