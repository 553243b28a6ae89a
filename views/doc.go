// Package views renders the pages and their parts: typed arguments in, HTML out, no queries and no
// I/O. What all pages share is in views/ui.
package views
