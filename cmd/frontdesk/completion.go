package main

import (
	"embed"
	"os"
	"runtime/debug"
	"strings"
	"text/template"
	"time"

	"github.com/alecthomas/kong"
)

// CompletionCmd prints a script that completes commands and flags in a shell.
type CompletionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"The shell: bash, zsh or fish."`
}

// Run prints the script.
func (c CompletionCmd) Run(k *kong.Context) error {
	return scripts.ExecuteTemplate(os.Stdout, c.Shell+".tmpl", referenceOf(k.Model))
}

// ManCmd prints the manual page.
type ManCmd struct{}

// Run prints the manual page in the macros of man(7).
func (ManCmd) Run(k *kong.Context) error {
	return scripts.ExecuteTemplate(os.Stdout, "man.tmpl", struct {
		reference
		Date string
	}{referenceOf(k.Model), builtOn()})
}

// builtOn returns the date of the commit of the program, or today's date if it is not known.
func builtOn() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.time" && len(s.Value) > len(time.DateOnly) {
				return s.Value[:len(time.DateOnly)]
			}
		}
	}
	return time.Now().UTC().Format(time.DateOnly)
}

//go:embed scripts/*.tmpl
var scriptFiles embed.FS

var scripts = template.Must(template.New("").Funcs(template.FuncMap{
	"join":   strings.Join,
	"quoted": shellQuoted,
	"first":  firstSentence,
	"colon":  func(text string) string { return strings.ReplaceAll(text, ":", `\:`) },
	"roff":   roff,
}).ParseFS(scriptFiles, "scripts/*.tmpl"))

// shellQuoted returns text in single quotation marks, for bash, zsh and fish. It replaces ' by ’,
// which needs no escape. The text must have no backslash, which fish would interpret.
func shellQuoted(text string) string {
	return "'" + strings.ReplaceAll(text, "'", "’") + "'"
}

// firstSentence returns the first part of a help text.
func firstSentence(text string) string {
	for _, end := range []string{". ", "; ", ": "} {
		text, _, _ = strings.Cut(text, end)
	}
	return strings.TrimSuffix(text, ".")
}

// roff escapes text for man(7).
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "…", "...", "’", `\(aq`).Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}
