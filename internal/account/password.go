package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// Cost has the parameters of argon2id that decide how long a hash takes.
type Cost struct {
	Memory uint32 // KiB
	Time   uint32 // passes over the memory
}

// defaultCost is the OWASP Password Storage Cheat Sheet's first recommendation, with one
// lane; some 50 ms on one core.
var defaultCost = Cost{Memory: 19 * 1024, Time: 2}

// Parameters of argon2id that are the same for each cost.
const (
	argonLanes = 1
	argonKey   = 32 // bytes
	argonSalt  = 16 // bytes
)

// hashing limits how many hashes are computed at once to the number of cores, at most
// four. More would not be faster, and each needs 19 MiB.
var hashing = make(chan struct{}, min(4, runtime.GOMAXPROCS(0)))

// HashPassword is [Cost.Hash] with the default cost.
func HashPassword(password string) string { return defaultCost.Hash(password) }

// Hash returns the password's hash as a PHC string. Passwords are compared in Unicode's
// NFC form (RFC 8265), because keyboards produce different forms.
func (c Cost) Hash(password string) string {
	hash, err := c.hash(context.Background(), password)
	if err != nil {
		panic(err) // only a context that ends can fail
	}
	return hash
}

// hash is [Cost.Hash] with a context. Its only error is that of ctx.
func (c Cost) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, argonSalt)
	rand.Read(salt)
	key, err := derive(ctx, password, salt, c.Time, c.Memory, argonLanes)
	return fmt.Sprintf("%s%s$%s", c.phcHead(), b64.EncodeToString(salt), b64.EncodeToString(key)), err
}

var b64 = base64.RawStdEncoding

// phcHead returns the beginning of hashes with this cost.
func (c Cost) phcHead() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, c.Memory, c.Time, argonLanes)
}

// beginHashing waits while too many hashes are being computed. It returns the error of ctx
// if that ends first, so that abandoned requests do not delay others. The caller must call
// end.
func beginHashing(ctx context.Context) (end func(), err error) {
	select {
	case hashing <- struct{}{}:
		return func() { <-hashing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// derive computes the key of a password. Its only error is that of ctx.
func derive(ctx context.Context, password string, salt []byte, time, memory uint32, lanes uint8) ([]byte, error) {
	end, err := beginHashing(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, time, memory, lanes, argonKey), nil
}

// verify reports whether password has the hash, and whether the hash has other than the
// current parameters. An empty hash takes the same time and never matches, so
// that the time does not reveal whether an account exists. Its only error is that of ctx.
func (s *core) verify(ctx context.Context, hash, password string) (ok, outdated bool, err error) {
	if isBcrypt(hash) {
		return verifyBcrypt(ctx, hash, password)
	}
	known := hash != ""
	if !known {
		hash = s.dummyHash()
	}
	var version int
	var memory, time uint32
	var lanes uint8
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, false, nil
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &time, &lanes); err != nil {
		return false, false, nil
	}
	salt, err1 := b64.DecodeString(parts[4])
	want, err2 := b64.DecodeString(parts[5])
	if err1 != nil || err2 != nil || memory > 1<<20 || time == 0 || time > 16 || lanes == 0 {
		return false, false, nil
	}
	got, err := derive(ctx, password, salt, time, memory, lanes)
	ok = err == nil && subtle.ConstantTimeCompare(got, want) == 1 && known
	return ok, !strings.HasPrefix(hash, s.cost.phcHead()), err
}

//go:embed passwords.txt
var commonList string

// common returns the most common passwords of 12 characters or more.
var common = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(commonList) {
		out[strings.TrimSpace(line)] = true
	}
	return out
})

// checkPassword returns [*fault.Invalid] on field for a password that is too short, too
// long, or easy to guess (NIST SP 800-63B, 5.1.1.2): a common or published one, one with
// fewer than four different characters, or one of the texts in not.
func checkPassword(field, password string, not ...string) error {
	n := len([]rune(norm.NFC.String(password)))
	lower := strings.ToLower(password)
	switch {
	case password == "":
		return fault.NewInvalid(field, "Choose a password: at least 12 characters.")
	case !input.IsText(password):
		return fault.NewInvalid(field, "This contains characters that cannot be typed. Choose another.")
	case n < 12:
		return fault.NewInvalid(field, fmt.Sprintf("Password: at least 12 characters. This one has %d.", n))
	case n > 128:
		return fault.NewInvalid(field, fmt.Sprintf("Password: at most 128 characters. This one has %s.", input.Thousands(n)))
	case common()[lower], common()[input.NameKey(password)], IsPublished(password), len(distinct(lower)) < 4, isOneOf(password, not):
		return fault.NewInvalid(field, "This password is too easy to guess. Choose another.")
	}
	return nil
}

// distinct returns the set of characters of s.
func distinct(s string) map[rune]bool {
	out := map[rune]bool{}
	for _, r := range s {
		out[r] = true
	}
	return out
}

// isOneOf reports whether s has the same key, as a name or as an e-mail address, as one
// of the others.
func isOneOf(s string, others []string) bool {
	for _, o := range others {
		if input.NameKey(s) == input.NameKey(o) || input.EmailKey(s) == input.EmailKey(o) {
			return true
		}
	}
	return false
}
