package account_test

import (
	"testing"

	"frontdesk/internal/account"
)

func TestPasswordsThatDocumentsPrintAreRefusedForEveryAccount(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	for _, password := range []string{"AdminPass12025!", "AdminPass123!", "ADMINPASS12025!", " AdminPass12025! ", "AdminPass12025!!", "replace-with-a-long-random-string", "a-password-of-your-own", "password1234\u200b", "changeme12345", "ChangeMe123!!", "admin-2026-11"} {
		_, err := h.Registrations.Register(t.Context(), account.RegisterInput{Username: "Ana", Email: "ana@example.org", Password: password}, somewhere)
		wantInvalid(t, err, "password", password)
	}
}

func TestAFirstAdminWithAWeakPasswordIsRefused(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	for _, password := range []string{"AdminPass12025!", "short", "boss@example.org", "password1234"} {
		if made, err := h.Operator.SeedAdmin(t.Context(), "boss@example.org", password); err == nil {
			t.Errorf("%q: got %+v, want it refused", password, made)
		}
	}
	if n := h.number("select count(*) from users"); n != 0 {
		t.Errorf("%d accounts were made", n)
	}
}

func TestAPublishedPasswordMustBeChangedAtSignIn(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	id := h.stored("admin@example.com")
	h.exec("update users set password_hash = $1 where id = $2", account.HashWith("AdminPass12025!", 8, 1), id)
	who, err := signIn(h, "admin@example.com", "AdminPass12025!")
	if err != nil || !who.MustChangePassword {
		t.Errorf("got %+v, %v; want a new password to be required", who, err)
	}
	if n := h.number("select count(*) from users where must_change_password"); n != 1 {
		t.Errorf("%d accounts have to choose a password, want 1", n)
	}
}
