package main

import (
	"strings"

	"github.com/alecthomas/kong"
)

// reference describes the commands and flags of the program, as --help does. Completion and
// the manual page are made from it.
type reference struct {
	Help     string
	Flags    []flagReference // of the program, which every command has
	Commands []commandReference
}

// commandReference is a command, or a group of commands.
type commandReference struct {
	Path     string // such as "user add"
	Parent   string // such as "user", or "" for a command of the first level
	Name     string // the last word of Path
	Help     string
	Args     []argReference
	Flags    []flagReference // of this command only
	Children []string        // names of the commands of a group
}

// argReference is an argument of a command.
type argReference struct{ Summary, Help string }

// flagReference is a flag.
type flagReference struct {
	Name    string
	Help    string
	Value   string // what --help shows for the value, or "" for a flag without one
	Default string
	Env     string
}

// referenceOf reads the model of the command line. It leaves out what is hidden.
func referenceOf(app *kong.Application) reference {
	r := reference{Help: app.Help, Flags: flagsOf(app.Node)}
	r.add(app.Node, "")
	return r
}

// add adds the commands below a node.
func (r *reference) add(n *kong.Node, parent string) {
	for _, c := range n.Children {
		if c.Hidden {
			continue
		}
		command := commandReference{Path: strings.TrimSpace(parent + " " + c.Name), Parent: parent, Name: c.Name, Help: c.Help, Flags: flagsOf(c)}
		for _, p := range c.Positional {
			command.Args = append(command.Args, argReference{p.Summary(), p.Help})
		}
		for _, below := range c.Children {
			command.Children = append(command.Children, below.Name)
		}
		r.Commands = append(r.Commands, command)
		r.add(c, command.Path)
	}
}

// flagsOf returns the flags that a node adds.
func flagsOf(n *kong.Node) (all []flagReference) {
	for _, f := range n.Flags {
		if f.Hidden {
			continue
		}
		flag := flagReference{Name: f.Name, Help: f.Help, Default: f.Default, Env: strings.Join(f.Envs, ", ")}
		if !f.IsBool() && !f.IsCounter() {
			flag.Value = strings.Trim(f.FormatPlaceHolder(), `"`)
		}
		all = append(all, flag)
	}
	return all
}

// Top returns the commands of the first level.
func (r reference) Top() (all []commandReference) {
	for _, c := range r.Commands {
		if c.Parent == "" {
			all = append(all, c)
		}
	}
	return all
}

// TakesValue returns the flags of all commands that take a value, without duplicates.
func (r reference) TakesValue() (names []string) {
	seen := map[string]bool{}
	add := func(flags []flagReference) {
		for _, f := range flags {
			if f.Value != "" && !seen[f.Name] {
				seen[f.Name] = true
				names = append(names, f.Name)
			}
		}
	}
	add(r.Flags)
	for _, c := range r.Commands {
		add(c.Flags)
	}
	return names
}
