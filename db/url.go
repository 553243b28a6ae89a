package db

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// prismaOnly has the parameters of Prisma's connection strings that configure its own client.
var prismaOnly = map[string]bool{
	"connection_limit": true, "pool_timeout": true, "pgbouncer": true, "statement_cache_size": true, "socket_timeout": true,
	"single_use_connections": true, "max_connection_lifetime": true, "max_idle_connection_lifetime": true,
}

// CleanURL converts a database URL of the first system to the form that [Open] takes. It
// also returns the names of the parameters that it drops. The error is a sentence about a
// parameter that cannot be used; it does not contain the URL, which may have a password.
// A string of the form "host=… dbname=…" is returned unchanged.
func CleanURL(address string) (clean string, dropped []string, err error) {
	address = strings.TrimSpace(address)
	scheme, _, isURL := strings.Cut(address, "://")
	if !isURL {
		return address, nil, nil
	}
	if scheme != "postgres" && scheme != "postgresql" {
		return "", nil, fmt.Errorf("the database URL cannot be read: %w", errForm)
	}
	base, query, _ := strings.Cut(address, "?")
	if looksUnencoded(base, query) {
		return "", nil, fmt.Errorf("the database URL cannot be read: %w", errForm)
	}
	set := parameters(query)
	if err := refuseParameters(set); err != nil {
		return "", nil, err
	}
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		switch {
		case prismaOnly[name]:
			dropped = append(dropped, name)
		case pair == "", name == "schema", name == "sslaccept", name == "sslmode" && isStrict(set):
		default:
			kept = append(kept, pair)
		}
	}
	if isStrict(set) {
		kept = append(kept, "sslmode=verify-full")
	}
	if len(kept) == 0 {
		return base, dropped, nil
	}
	return base + "?" + strings.Join(kept, "&"), dropped, nil
}

// looksUnencoded reports whether a URL seems to have a password with a character that must
// be percent-encoded. A part of the password would be parsed as the host and appear in errors.
func looksUnencoded(base, query string) bool {
	_, rest, _ := strings.Cut(base, "://")
	authority, path, _ := strings.Cut(rest, "/")
	name, _, _ := strings.Cut(query, "=")
	return strings.Contains(base, "#") || strings.Contains(path, "@") || strings.Contains(name, "@") && !strings.Contains(authority, "@")
}

// parameters returns the parameters of a query by name; of duplicates the last one.
func parameters(query string) map[string]string {
	set := map[string]string{}
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if text, err := url.PathUnescape(value); err == nil {
			set[name] = text
		}
	}
	return set
}

// isStrict reports whether Prisma would verify the server's certificate although the
// sslmode does not require it.
func isStrict(set map[string]string) bool {
	mode := set["sslmode"]
	return set["sslaccept"] == "strict" && (mode == "" || mode == "prefer" || mode == "require")
}

// refuseParameters returns an error for parameters that are not supported and cannot be
// ignored.
func refuseParameters(set map[string]string) error {
	if schema := set["schema"]; schema != "" && schema != "public" {
		return fmt.Errorf("DATABASE_URL names the schema %q: Frontdesk keeps its tables in the schema public of a database of its own: "+
			"make one with createdb -E UTF8 -T template0 frontdesk, and remove the parameter", schema)
	}
	if set["sslidentity"] != "" || set["sslcert"] != "" && set["sslkey"] == "" {
		return errors.New("DATABASE_URL has sslcert or sslidentity in Prisma's meaning: name the server's certificate with sslrootcert, and a client's with sslcert and sslkey")
	}
	return nil
}
