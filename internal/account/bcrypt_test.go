package account_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// imported adds an account with the bcrypt hash of a password. version is the letter of
// "$2a$".
func (h fixture) imported(name, password, version string) account.Actor {
	h.t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		h.t.Fatal(err)
	}
	who := h.person(name, account.RoleCustomer)
	h.exec("update users set password_hash = $1 where id = $2", "$2"+version+string(hash[3:]), who.ID)
	return who
}

// hash returns the stored hash of an account.
func (h fixture) hash(who account.Actor) (hash string) {
	h.t.Helper()
	if err := h.pool.QueryRow(h.t.Context(), "select password_hash from users where id = $1", who.ID).Scan(&hash); err != nil {
		h.t.Fatal(err)
	}
	return hash
}

func TestAnImportedBcryptHashIsReplacedAtTheFirstSignIn(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	for _, version := range []string{"a", "b", "y"} {
		who := h.imported("ana"+version, "cafe\u0301 8", version)
		for _, try := range []string{"first", "second"} {
			if _, err := signIn(h, who.Email, "cafe\u0301 8"); err != nil {
				t.Errorf("$2%s$, %s sign-in: got %v, want none", version, try, err)
			}
		}
		if got := h.hash(who); !strings.HasPrefix(got, "$argon2id$") {
			t.Errorf("$2%s$: got the hash %s, want one of argon2id", version, got)
		}
	}
}

func TestAWrongPasswordKeepsTheImportedHash(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	who := h.imported("ana", "right", "b")
	before := h.hash(who)
	if _, err := signIn(h, who.Email, "wrong"); !errors.Is(err, fault.ErrCredentials) {
		t.Errorf("wrong password: got %v, want %v", err, fault.ErrCredentials)
	}
	h.exec("update users set disabled_at = now()")
	if _, err := signIn(h, who.Email, "right"); !errors.Is(err, fault.ErrCredentials) {
		t.Errorf("disabled account: got %v, want %v", err, fault.ErrCredentials)
	}
	if got := h.hash(who); got != before {
		t.Errorf("got the hash %s, want %s", got, before)
	}
}

func TestAnImportedHashOfALongPasswordStays(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	long := strings.Repeat("0123456789", 8)
	who := h.imported("ana", long[:72], "b")
	before := h.hash(who)
	if _, err := signIn(h, who.Email, long); err != nil {
		t.Errorf("got %v, want none", err)
	}
	if got := h.hash(who); got != before {
		t.Errorf("got the hash %s, want %s", got, before)
	}
}

func TestWhichHashesCanBeImported(t *testing.T) {
	t.Parallel()
	const rest = "$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"
	for cost, want := range map[int]bool{3: false, 4: true, 10: true, 14: true, 15: false, 31: false} {
		if got := account.IsImportableHash(fmt.Sprintf("$2b$%02d%s", cost, rest)); got != want {
			t.Errorf("cost %d: got %v, want %v", cost, got, want)
		}
	}
	for _, hash := range []string{"", "secret", "$2x$10" + rest, "$2$10" + rest, "$1$10" + rest, "$2b$10" + rest[:40], "$2b$10" + rest + "a", account.HashWith("x", 8, 1)} {
		if account.IsImportableHash(hash) {
			t.Errorf("%q: got true, want false", hash)
		}
	}
}
