package main

import (
	"os"
	"reflect"
	"strings"
)

// exact are the variables whose values are taken as they are: a space or a
// quotation mark may be part of a secret.
var exact = map[string]bool{"ADMIN_PASSWORD": true, "JWT_SECRET": true, "JWT_SECRET_PREVIOUS": true}

// cleanEnvironment prepares the variables of our settings. Space around a value
// goes, and so do quotation marks, which docker --env-file and systemd hand on as
// they are written in a file that was written for a shell. An empty variable counts as
// unset, as compose sets those that have no value.
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

// unquoted returns value without space around it, nor a pair of quotation marks.
func unquoted(value string) string {
	value = strings.TrimSpace(value)
	if isQuoted(value) {
		value = strings.TrimSpace(value[1 : len(value)-1])
	}
	return value
}

func isQuoted(value string) bool {
	return len(value) > 1 && (value[0] == '"' || value[0] == '\'') && value[0] == value[len(value)-1]
}
