package ui

import (
	"strings"
)

// FirstName returns the first word of a name, as the chat shows it.
func FirstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return Isolated(first)
}

// Possessive returns "Ana Kovač’s" for "Ana Kovač".
func Possessive(name string) string { return Isolated(name) + "’s" }

// JoinNames returns "Ana", "Ana and Priya" or "Ana, Priya and Tom".
func JoinNames(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
