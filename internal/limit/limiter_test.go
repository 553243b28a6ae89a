package limit_test

import (
	"net/netip"
	"testing"

	"frontdesk/internal/limit"
)

func TestALimitCountsAnIPv6Network(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.7":                      "192.0.2.7",
		"::ffff:192.0.2.7":               "192.0.2.7",
		"2001:db8:1:2:3:4:5:6":           "2001:db8:1:2::/64",
		"fe80::1%eth0":                   "fe80::/64",
		"64:ff9b::c000:207":              "192.0.2.7",
		"64:ff9b:1::c000:207":            "64:ff9b:1::/64",
		"2001:db8:1:2:ffff:ffff:ffff:ff": "2001:db8:1:2::/64",
	} {
		if got := limit.Network(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}
