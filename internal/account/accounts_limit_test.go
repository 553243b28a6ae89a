package account_test

import (
	"errors"
	"net/netip"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

func TestAnAccountNamedLikeANetworkDoesNotLimitThatNetwork(t *testing.T) {
	t.Parallel()
	h := newFixture(t, signInLimits())
	victim := netip.MustParseAddr("198.51.100.5")
	for _, from := range []string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"} {
		for _, name := range []string{"198.51.100.5", "network/198.51.100.5", "2001:db8::/64"} {
			_, err := h.SignIn(t.Context(), account.SignInInput{Email: name, Password: "wrong"}, netip.MustParseAddr(from))
			if !errors.Is(err, fault.ErrCredentials) {
				t.Fatalf("%s from %s: %v", name, from, err)
			}
		}
	}
	for _, from := range []netip.Addr{victim, netip.MustParseAddr("2001:db8::7")} {
		if _, err := h.SignIn(t.Context(), account.SignInInput{Email: "ana@example.org", Password: "wrong"}, from); !errors.Is(err, fault.ErrCredentials) {
			t.Errorf("from %s: got %v, want it counted separately", from, err)
		}
	}
}
