package account

import (
	"context"
	"regexp"

	"golang.org/x/crypto/bcrypt"
)

// Users that were imported from another program have bcrypt hashes until they sign in for
// the first time.

// maxBcryptCost is the highest accepted cost: one comparison takes about a second.
const maxBcryptCost = 14

// bcryptBytes is the number of bytes of a password that bcrypt reads. It ignores the rest.
const bcryptBytes = 72

// bcryptForm matches the bcrypt hashes of common libraries: version, cost, and salt with
// key.
var bcryptForm = regexp.MustCompile(`^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}$`)

// isBcrypt reports whether a hash has the form of bcrypt.
func isBcrypt(hash string) bool { return bcryptForm.MatchString(hash) }

// IsImportableHash reports whether a user can sign in with a hash of another program: a
// bcrypt hash ($2a$, $2b$ or $2y$) with a cost of at most 14. It is replaced by a current
// hash at the first sign-in.
func IsImportableHash(hash string) bool {
	cost, err := bcrypt.Cost([]byte(hash))
	return err == nil && isBcrypt(hash) && cost <= maxBcryptCost
}

// verifyBcrypt is [Service.verify] for hashes for which [isBcrypt] is true. The password is
// compared as typed and not in NFC, because other programs hashed it that way. A password
// that is longer than bcrypt reads is not reported as outdated: a new hash would be of all
// that was typed, also of a mistake at its end.
func verifyBcrypt(ctx context.Context, hash, password string) (ok, outdated bool, err error) {
	if !IsImportableHash(hash) {
		return false, false, nil
	}
	end, err := beginHashing(ctx)
	if err != nil {
		return false, false, err
	}
	defer end()
	ok = bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) == nil
	return ok, len(password) <= bcryptBytes, nil
}
