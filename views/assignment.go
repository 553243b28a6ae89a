package views

import "frontdesk/internal/desk"

// nameOf returns the name of a user or team in the log, or "" for nil.
func nameOf(n *desk.Named) string {
	if n == nil {
		return ""
	}
	return n.Name
}
