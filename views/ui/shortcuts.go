package ui

import "encoding/json"

// Shortcut is a single key, and what it does on the pages that have its target.
type Shortcut struct {
	Key    string `json:"key"`
	Target string `json:"target"`         // a CSS selector; the key moves the focus to it, or clicks if it is a link or a button
	Step   int    `json:"step,omitempty"` // moves the focus by this among the targets
	Text   string `json:"-"`
	Where  string `json:"-"`
}

// The pages on which shortcuts work.
const (
	inLists    = "In a list of tickets"
	onTickets  = "On a ticket"
	onSearches = "On a page with a search field"
	onPages    = "On every page"
)

// rows are the links of the tickets in a list.
const rows = "#rows .subject-line > a"

// Shortcuts has all shortcuts of a single key. The first one of a key with a target on the page
// is used.
var Shortcuts = []Shortcut{
	{Key: "j", Target: rows, Step: 1, Text: "Next ticket", Where: inLists},
	{Key: "k", Target: rows, Step: -1, Text: "Previous ticket", Where: inLists},
	{Key: "o", Target: "#rows tr:focus-within .subject-line > a", Text: "Open the ticket", Where: inLists},
	{Key: "j", Target: "#ticket-nav a[rel=next]", Text: "Next ticket of the view", Where: onTickets},
	{Key: "k", Target: "#ticket-nav a[rel=prev]", Text: "Previous ticket of the view", Where: onTickets},
	{Key: "r", Target: "#reply textarea", Text: "Reply", Where: onTickets},
	{Key: "n", Target: "#note-text", Text: "Write an internal note", Where: onTickets},
	{Key: "a", Target: "#assignment select[name=assignee]", Text: "Choose the assignee", Where: onTickets},
	{Key: "t", Target: "#assignee-now > form button, #assignee-now summary", Text: "Take the ticket, or show who has it", Where: onTickets},
	{Key: "s", Target: "#triage select[name=status]", Text: "Choose the status", Where: onTickets},
	{Key: "/", Target: "#q", Text: "Search", Where: onSearches},
	{Key: "?", Target: "a[href='/shortcuts']", Text: "Show this list", Where: onPages},
}

// keys returns the shortcuts for the script, or "[]" if the user has switched them off.
func (f *Frame) keys() string {
	if f.KeysOff {
		return "[]"
	}
	text, err := json.Marshal(Shortcuts)
	if err != nil {
		panic(err) // plain structs
	}
	return string(text)
}
