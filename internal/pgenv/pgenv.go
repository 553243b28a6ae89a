// Package pgenv finds and removes the environment variables of clients of PostgreSQL. It is not part
// of package postgres, which has killpoints: if db imported that, a build with the tag killpoints
// would compile almost every package again.
package pgenv

import (
	"os"
	"slices"
	"strings"
)

// Names returns the names of the environment variables that are set and that begin with PG, followed
// by upper-case letters and underscores only. Clients of PostgreSQL read such variables, for example
// PGOPTIONS (libpq, "Environment Variables").
func Names() []string {
	var names []string
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		if after, ok := strings.CutPrefix(name, "PG"); ok && value != "" && after != "" && strings.Trim(after, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Drop unsets [Names] in this process and returns their names.
// Otherwise they would also apply to connections to the embedded database.
func Drop() []string {
	names := Names()
	for _, name := range names {
		_ = os.Unsetenv(name) // fails only for an empty name
	}
	return names
}
