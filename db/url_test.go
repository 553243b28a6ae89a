package db_test

import (
	"slices"
	"strings"
	"testing"

	"frontdesk/db"
)

func TestADatabaseURLOfTheFirstSystemIsAccepted(t *testing.T) {
	t.Parallel()
	const base = "postgresql://u:s3cret@h:5432/ticketing"
	for given, want := range map[string]struct {
		clean   string
		dropped []string
	}{
		base:                    {base, nil},
		base + "?schema=public": {base, nil},
		base + "?schema=public&connection_limit=5&pool_timeout=10": {base, []string{"connection_limit", "pool_timeout"}},
		base + "?pgbouncer=true&sslmode=require":                   {base + "?sslmode=require", []string{"pgbouncer"}},
		base + "?statement_cache_size=0&socket_timeout=3":          {base, []string{"statement_cache_size", "socket_timeout"}},
		base + "?connect_timeout=9&application_name=a%20b":         {base + "?connect_timeout=9&application_name=a%20b", nil},
		base + "?sslmode=require&sslaccept=accept_invalid_certs":   {base + "?sslmode=require", nil},
		base + "?sslmode=require&sslaccept=strict":                 {base + "?sslmode=verify-full", nil},
		base + "?sslaccept=strict":                                 {base + "?sslmode=verify-full", nil},
		" " + base + "?host=/var/run/postgresql\n":                 {base + "?host=/var/run/postgresql", nil},
		"host=h dbname=ticketing password=s3cret":                  {"host=h dbname=ticketing password=s3cret", nil},
	} {
		clean, dropped, err := db.CleanURL(given)
		if err != nil {
			t.Fatalf("%q: %v", given, err)
		}
		if clean != want.clean {
			t.Errorf("%q: the clean is %q, want %q", given, clean, want.clean)
		}
		if !slices.Equal(dropped, want.dropped) {
			t.Errorf("%q: dropped is %q, want %q", given, dropped, want.dropped)
		}
	}
}

func TestADatabaseURLWithUnsupportedSettingsIsRefused(t *testing.T) {
	t.Parallel()
	for given, says := range map[string]string{
		"postgresql://u:s3cret@h/d?schema=desk":         "createdb",
		"postgresql://u:s3cret@h/d?sslcert=./ca.pem":    "sslrootcert",
		"postgresql://u:s3cret@h/d?sslidentity=./c.p12": "sslcert and sslkey",
		"postgresql://u:s3@s3cret/w@h:5432/d":           "%XX",
		"postgresql://u:12#s3cret@h:5432/d":             "%XX",
		"postgresql://u:12?s3cret@h:5432/d":             "%XX",
		"mysql://u:s3cret@h/d":                          "postgres://",
		"prisma://h/?api_key=s3cret":                    "postgres://",
	} {
		_, _, err := db.CleanURL(given)
		if err == nil {
			t.Fatalf("%s: got no error, want one", given)
		}
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%s: the error is %q, want it with %q", given, err.Error(), says)
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf(`%s: the error is %q, want it without "s3cret"`, given, err.Error())
		}
	}
}

func TestAnInvalidPoolSettingIsNamed(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{"pool_max_conns=0", "pool_max_conns=-1", "pool_max_conns=many", "pool_max_conn_lifetime=9"} {
		_, err := db.Open(t.Context(), "postgres://u:s3cret@127.0.0.1:1/d?"+setting, 4)
		if err == nil {
			t.Fatalf("%s: got no error", setting)
		}
		for words, want := range map[string]bool{setting: true, "correct them": true, "s3cret": false} {
			if strings.Contains(err.Error(), words) != want {
				t.Errorf("%s: got %v, want %q in it: %t", setting, err, words, want)
			}
		}
	}
}
