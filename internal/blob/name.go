package blob

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
)

// unfinished is the suffix of the name of a blob that is being written.
const unfinished = ".part"

var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

const nameLength = 26

// newName returns a random name.
func newName() string {
	raw := make([]byte, 16)
	rand.Read(raw)
	return encoding.EncodeToString(raw)
}

// isName reports whether name has the form of the names that newName returns.
func isName(name string) bool {
	return len(name) == nameLength && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz234567") == ""
}
