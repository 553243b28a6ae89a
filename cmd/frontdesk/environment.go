package main

import (
	"fmt"
	"os"
	"reflect"
	"strings"
)

// exact has the variables whose values are not cleaned: a space or a quotation mark may
// be part of a secret.
var exact = map[string]bool{"ADMIN_PASSWORD": true, "JWT_SECRET": true, "JWT_SECRET_PREVIOUS": true}

// readFileVariables sets each variable NAME for which NAME_FILE has the path of a file: to
// the content of that file, without the line break at its end. Container engines provide
// secrets as files. It returns an error if the file cannot be read or both are set.
func readFileVariables() error {
	for _, name := range append(variables(), "PGPASSWORD") {
		path := os.Getenv(name + "_FILE")
		if path == "" {
			continue
		}
		if os.Getenv(name) != "" {
			return fmt.Errorf("both %[1]s and %[1]s_FILE are set: remove one", name)
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("%s_FILE: %w", name, err)
		}
		if err := os.Setenv(name, strings.TrimRight(string(body), "\r\n")); err != nil {
			return fmt.Errorf("%s_FILE: %w", name, err)
		}
	}
	return nil
}

// cleanEnvironment removes space and quotation marks around the values of our variables, except
// those in exact, because Docker's --env-file does not remove the quotation marks of a file that is
// written for a shell. It unsets empty variables, because Compose sets a variable without a value
// to "".
func cleanEnvironment() {
	for _, name := range variables() {
		value, set := os.LookupEnv(name)
		if !set || exact[name] {
			continue
		}
		if clean := unquoted(value); clean == "" {
			os.Unsetenv(name)
		} else if clean != value {
			os.Setenv(name, clean)
		}
	}
}

// variables returns the names of the variables of all settings.
func variables() []string {
	var names []string
	for field := range reflect.TypeFor[Config]().Fields() {
		names = append(names, field.Tag.Get("env"))
	}
	return names
}

// unquoted returns value without the space and the pair of quotation marks around it.
func unquoted(value string) string {
	value = strings.TrimSpace(value)
	if isQuoted(value) {
		value = strings.TrimSpace(value[1 : len(value)-1])
	}
	return value
}

// isQuoted reports whether value begins and ends with the same quotation mark.
func isQuoted(value string) bool {
	return len(value) > 1 && (value[0] == '"' || value[0] == '\'') && value[0] == value[len(value)-1]
}
