package mail_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"frontdesk/internal/mail"
)

func TestAServerIsReadFromItsAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]mail.Server{
		"smtp://mail.example.org":                      {Host: "mail.example.org", Port: 587, Security: mail.StartTLS},
		"smtp://ana:s%40cret%2F1@mail.example.org:25":  {Host: "mail.example.org", Port: 25, Security: mail.StartTLS, User: "ana", Password: "s@cret/1"},
		"smtps://ana%40example.org:x@mail.example.org": {Host: "mail.example.org", Port: 465, Security: mail.TLS, User: "ana@example.org", Password: "x"},
		"smtp://127.0.0.1":                             {Host: "127.0.0.1", Port: 25, Security: mail.NoTLS},
		"smtp://localhost:1025/":                       {Host: "localhost", Port: 1025, Security: mail.NoTLS},
		"smtp://localhost?tls=starttls":                {Host: "localhost", Port: 25, Security: mail.StartTLS},
		"smtp://relay.internal:25?tls=none":            {Host: "relay.internal", Port: 25, Security: mail.NoTLS},
		"smtp://[2001:db8::1]:2525":                    {Host: "2001:db8::1", Port: 2525, Security: mail.StartTLS},
	} {
		got, err := mail.ParseServer(address)
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", address, got, err, want)
		}
	}
}

func TestAnAddressOfAServerThatIsNotSafeIsRefusedWithoutThePassword(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "mail.example.org", "mail.example.org:587", "http://mail.example.org", "smtp://", "smtp://mail.example.org/path", "smtp://mail.example.org:0", "smtp://mail.example.org:70000",
		"smtp://ana:SECRET@mail.example.org?tls=none", "smtp://ana:SECRET@mail.example.org?tls=maybe", "smtp://ana:SECRET@mail.example.org?ssl=no",
		"smtps://ana:SECRET@mail.example.org?tls=none", "smtp://ana@mail.example.org", "smtp://ana:SECRET%zz@mail.example.org", "smtp://ana:SECRET/x@mail.example.org",
	} {
		_, err := mail.ParseServer(address)
		if err == nil {
			t.Errorf("%q is accepted", address)
			continue
		}
		if strings.Contains(err.Error(), "SECRET") {
			t.Errorf("the error of %q has the password: %v", address, err)
		}
	}
}

func TestAHostIsANameOrAnAddressOfAMachine(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{"mail.example.org": true, "smtp_relay": true, "192.0.2.7": true, "2001:db8::1": true, "fe80::1%eth0": true,
		"": false, "[::1]": false, "http://mail.example.org": false, "mail.example.org:25": false, "ana@mail.example.org": false, "mail example": false, "münchen.example": false, ".": false} {
		if err := (mail.Server{Host: host, Port: 587, Security: mail.StartTLS}).Check(); (err == nil) != want {
			t.Errorf("%q: got %v, want accepted: %v", host, err, want)
		}
	}
}

func TestASenderIsOneAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]mail.Address{
		"help@example.org":                      {Addr: "help@example.org"},
		"Example Help <help@example.org>":       {Name: "Example Help", Addr: "help@example.org"},
		`"Help, Example" <help@bücher.example>`: {Name: "Help, Example", Addr: "help@xn--bcher-kva.example"},
	} {
		if got, err := mail.ParseAddress(text); err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "help", "a@example.org, b@example.org", "help@", "@example.org", "Help <help@example.org", "help@example.org\r\nBcc: eve@example.org", strings.Repeat("a", 600) + "@example.org"} {
		if got, err := mail.ParseAddress(text); err == nil {
			t.Errorf("%q is accepted as %+v", text, got)
		}
	}
}

func TestOnlyAddressesThatMailCanCarryAreUsed(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"ana@example.org": "ana@example.org", "ana+x@example.org": "ana+x@example.org", "ana@BÜCHER.example": "ana@xn--bcher-kva.example", "änä@example.org": "änä@example.org",
		"a b@example.org": "", "ana@exam ple.org": "", "ana@[127.0.0.1]": "", "ana": "", "@example.org": "", "ana@": "", "a\r\nb@example.org": "", "a>b@example.org": "",
		strings.Repeat("x", 65) + "@example.org": "", "ana@" + strings.Repeat("x", 64) + ".org": "",
	} {
		got, err := mail.Carriable(addr)
		if got != want {
			t.Errorf("%q: got %q, want %q", addr, got, want)
		}
		if got := (err == nil); got != (want != "") {
			t.Errorf("%q: got %t, want %t", addr, got, (want != ""))
		}
	}
}

func TestASealedServerOpensOnlyWithItsKey(t *testing.T) {
	t.Parallel()
	server := mail.Server{Host: "mail.example.org", Port: 587, Security: mail.StartTLS, User: "ana", Password: "a secret"}
	key, other := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	sealed, err := mail.Seal(key, server)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("secret")) {
		t.Errorf("the sealed server is readable: sealed is %q, want it without %q", sealed, []byte("secret"))
	}
	if bytes.Contains(sealed, []byte("example")) {
		t.Errorf("the sealed server is readable: sealed is %q, want it without %q", sealed, []byte("example"))
	}
	if got, err := mail.Open([][]byte{other, key}, sealed); err != nil || got != server {
		t.Errorf("got %+v, %v, want %+v", got, err, server)
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1]++
	for name, bad := range map[string][]byte{"changed": changed, "cut": sealed[:10], "empty": nil} {
		if _, err := mail.Open([][]byte{key}, bad); !errors.Is(err, mail.ErrSealed) {
			t.Errorf("%s: got %v, want %v", name, err, mail.ErrSealed)
		}
	}
	if _, err := mail.Open([][]byte{other}, sealed); !errors.Is(err, mail.ErrSealed) {
		t.Errorf("another key: got %v, want %v", err, mail.ErrSealed)
	}
}
