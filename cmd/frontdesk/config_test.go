package main

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/alecthomas/kong"
)

// configured reads settings as the program does.
func configured(t *testing.T, env map[string]string) (*Config, error) {
	t.Helper()
	for _, name := range variables() {
		t.Setenv(name, "") // restores the variable after the test
		os.Unsetenv(name)
	}
	for name, value := range env {
		t.Setenv(name, value)
	}
	cleanEnvironment()
	var cli CLI
	_, err := kong.Must(&cli, kong.Name("frontdesk")).Parse(nil)
	return &cli.Config, err
}

func TestEverySettingIsUsedOrRefused(t *testing.T) {
	for _, c := range []struct{ name, value, message string }{ // if says is "", the setting is used
		{"PORT", "70000", "port"}, {"PORT", "-1", "port"}, {"PORT", "http", "port"}, {"PORT", `"4001"`, ""}, {"PORT", "", ""},
		{"TIMEZONE", "Mars/Olympus", "TIMEZONE"}, {"TIMEZONE", "../etc/passwd", "TIMEZONE"}, {"TIMEZONE", " 'Europe/Berlin' ", ""},
		{"LOG_LEVEL", "loud", "log-level"}, {"LOG_LEVEL", "debug", ""},
		{"LIMIT_TICKETS", "many", "is not a limit"}, {"LIMIT_TICKETS", "-1/1h", "is not a limit"}, {"LIMIT_TICKETS", "5/0s", "is not a limit"},
		{"LIMIT_TICKETS", "5/1ns", "is not a limit"}, {"LIMIT_TICKETS", "99999999999/1h", "is not a limit"}, {"LIMIT_TICKETS", "5/99999h", "is not a limit"}, {"LIMIT_TICKETS", "0", ""},
		{"MAX_UPLOAD_MIB", "0", "MAX_UPLOAD_MIB"}, {"MAX_UPLOAD_MIB", "-5", "MAX_UPLOAD_MIB"}, {"MAX_UPLOAD_MIB", "99999999", "MAX_UPLOAD_MIB"}, {"MAX_UPLOAD_MIB", "20", ""},
		{"HELP_URL", "javascript:alert(1)", "HELP_URL"}, {"HELP_URL", "help.example.org", "HELP_URL"}, {"HELP_URL", "https://h.example/help?a=b", ""},
		{"PUBLIC_URL", "https://h.example/help", "PUBLIC_URL"}, {"PUBLIC_URL", "https://h.example/?a", "PUBLIC_URL"}, {"PUBLIC_URL", "https://u:p@h.example", "PUBLIC_URL"},
		{"PUBLIC_URL", "h.example", "PUBLIC_URL"}, {"PUBLIC_URL", "ftp://h.example", "PUBLIC_URL"}, {"PUBLIC_URL", "https://h.example/", ""},
		{"NATS_URL", "nats://desk:secret@127.0.0.1:4222", ""}, {"NATS_URL", "nats://a:4222,tls://b", ""}, {"NATS_URL", "127.0.0.1:4222", "NATS_URL"}, {"NATS_URL", "http://a", "NATS_URL"},
		{"SLOW_QUERY", "-1s", "SLOW_QUERY"}, {"SLOW_QUERY", "slow", "slow-query"}, {"SLOW_QUERY", "0", ""}, {"SLOW_QUERY", "1.5s", ""},
		{"POSTGRES_REPOSITORY", "/srv/maven", "POSTGRES_REPOSITORY"},
		{"DATABASE_DIRECT_URL", "postgres://db.example.org/frontdesk", "DATABASE_DIRECT_URL is set without DATABASE_URL"},
		{"DATABASE_REPLICA_URL", "postgres://db.example.org/frontdesk", "DATABASE_REPLICA_URL is set without DATABASE_URL"},
		{"DESK_NAME", "\u200b\u3164", "DESK_NAME"}, {"DESK_NAME", "\u2800", "DESK_NAME"}, {"DESK_NAME", "\U00013441.", "DESK_NAME"}, {"DESK_NAME", "Help\x1b[2J", "DESK_NAME"}, {"DESK_NAME", "a\nb", "DESK_NAME"}, {"DESK_NAME", "\u202eksed", "DESK_NAME"},
		{"DESK_NAME", "\xff\xfe", "DESK_NAME"}, {"DESK_NAME", strings.Repeat("x", 61), "DESK_NAME"}, {"DESK_NAME", "Ünïcode & Söhne 上海", ""},
		{"TRUSTED_PROXIES", "everybody", "TRUSTED_PROXIES"}, {"TRUSTED_PROXIES", "10.0.0.0/99", "TRUSTED_PROXIES"}, {"TRUSTED_PROXIES", " 10.0.0.0/8, 192.0.2.1 ,", ""},
		{"CORS_ORIGIN", "app.example.org", "CORS_ORIGIN"}, {"CORS_ORIGIN", "https://a.example/app", "CORS_ORIGIN"}, {"CORS_ORIGIN", "null", "CORS_ORIGIN"},
		{"JWT_SECRET", strings.Repeat("x", 16), "openssl rand -base64 32"}, {"JWT_SECRET", strings.Repeat("x", 31), "openssl rand -base64 32"}, {"JWT_SECRET", strings.Repeat("xy", 16), ""},
		{"JWT_SECRET", strings.Repeat("a", 40), "one character repeated"}, {"JWT_SECRET", strings.Repeat(" ", 40), "one character repeated"}, {"JWT_SECRET", " " + strings.Repeat("a", 40), "one character repeated"}, {"JWT_SECRET_PREVIOUS", strings.Repeat("0", 32) + "\n", "one character repeated"},
		{"ADMIN_PASSWORD", "AdminPass12025!", "published"}, {"ADMIN_PASSWORD", "adminpass123!", "published"}, {"ADMIN_PASSWORD", " AdminPass12025!\n", "published"}, {"ADMIN_PASSWORD", "changeme", "published"},
		{"ADMIN_PASSWORD", "changeme12345", "published"}, {"ADMIN_PASSWORD", "ChangeMe123!!", "published"}, {"ADMIN_PASSWORD", "postgres-2026", "published"}, {"ADMIN_PASSWORD", "changemeover tea 1", ""},
		{"JWT_SECRET", "Replace-With-A-Long-Random-String", "published"}, {"JWT_SECRET", "replace-with-a-long-random-string-2025", "published"}, {"JWT_SECRET_PREVIOUS", "replace-with-a-long-random-string", "published"},
		{"JWT_SECRET", "a-string-secret-at-least-256-bits-long", "published"},
		{"ADMIN_PASSWORD", `"a long enough password"`, "quotation marks"},
	} {
		_, err := configured(t, map[string]string{c.name: c.value, "ADMIN_EMAIL": "a@example.org"})
		switch {
		case c.message == "" && err != nil:
			t.Errorf("%s=%q: got %v, want it used", c.name, c.value, err)
		case c.message != "" && (err == nil || !strings.Contains(err.Error(), c.message)):
			t.Errorf("%s=%q: got %v, want an error with %q", c.name, c.value, err, c.message)
		}
	}
}

func TestListsMayHaveSpacesAndQuotationMarks(t *testing.T) {
	cfg, err := configured(t, map[string]string{"CORS_ORIGIN": `"http://localhost:3000, https://App.Example.org:443/ ,*"`, "TRUSTED_PROXIES": "'10.0.0.0/8, 192.0.2.1'"})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"http://localhost:3000", "https://app.example.org", "*"}; !slices.Equal(cfg.CORSOrigin, want) {
		t.Errorf("the origins are %q, want %q", cfg.CORSOrigin, want)
	}
	got, err := cfg.proxies()
	if want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.1/32")}; err != nil || !slices.Equal(got, want) {
		t.Errorf("the proxies are %v (%v), want %v", got, err, want)
	}
}

func TestASecretIsNotChanged(t *testing.T) {
	secret := `"` + strings.Repeat("x", 32) + `" `
	if cfg, err := configured(t, map[string]string{"JWT_SECRET": secret}); err != nil || cfg.JWTSecret != secret {
		t.Errorf("got %q, %v", cfg.JWTSecret, err)
	}
}

func TestTheKeyOfTokensIsWrittenCompletelyAndOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "jwt-secret")
	if err := os.WriteFile(path, []byte("half of"), 0o600); err != nil { // as if the program had been killed during the write
		t.Fatal(err)
	}
	first, err := new(Config).secret(dir)
	if err != nil || len(first) < minSecret {
		t.Fatalf("got %d bytes, %v", len(first), err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	keys := make([][]byte, 8)
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() {
			var err error
			if keys[i], err = new(Config).secret(dir); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, key := range keys {
		if len(key) < minSecret {
			t.Errorf("got %d bytes, want at least %d: %q", len(key), minSecret, key)
		}
		if !bytes.Equal(key, keys[0]) {
			t.Errorf("the key is %q, want %q", key, keys[0])
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left in the folder: %v, %v; want only the key", left, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v (%v), want 0600", info.Mode(), err)
	}
}

func TestAnUploadFolderThatIsNotWritableIsRefused(t *testing.T) {
	t.Parallel()
	if err := probe("/proc/self"); err == nil {
		t.Error("a folder in which no file can be created is accepted")
	}
}

func TestAddressesAreComparedAsBrowsersWriteThem(t *testing.T) {
	for given, want := range map[string]string{
		"https://help.example:443": "https://help.example", "https://help.example:0443": "https://help.example", "http://help.example:80/": "http://help.example",
		"https://hilfe.bücher.example": "https://hilfe.xn--bcher-kva.example", "https://help.example.": "https://help.example", "HTTPS://Help.Example:8443": "https://help.example:8443",
		"http://[::1]:4000": "http://[::1]:4000", "http://[0:0::1]": "http://[::1]", "http://127.0.0.1:4000": "http://127.0.0.1:4000", "http://my_desk:4000": "http://my_desk:4000",
	} {
		cfg, err := configured(t, map[string]string{"PUBLIC_URL": given, "CORS_ORIGIN": given})
		if err != nil {
			t.Errorf("%s: %v", given, err)
			continue
		}
		if cfg.PublicURL != want {
			t.Errorf("PUBLIC_URL=%s: got %q, want %q", given, cfg.PublicURL, want)
		}
		if !slices.Equal(cfg.CORSOrigin, []string{want}) {
			t.Errorf("CORS_ORIGIN=%s: got %q, want %q", given, cfg.CORSOrigin, want)
		}
	}
	for _, bad := range []string{"https://help.example:99999", "https://help.example:0", "https://*.example", "https://a..example", "https://."} {
		for _, name := range []string{"PUBLIC_URL", "CORS_ORIGIN"} {
			_, err := configured(t, map[string]string{name: bad})
			if err == nil {
				t.Fatalf("%s=%s: got no error, want one", name, bad)
			}
			if !strings.Contains(err.Error(), name) {
				t.Errorf("%s=%s: the error is %q, want it with %q", name, bad, err.Error(), name)
			}
		}
	}
}
