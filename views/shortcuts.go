package views

import "frontdesk/views/ui"

// shortcutGroup is the shortcuts that work on the same pages.
type shortcutGroup struct {
	id, where string
	keys      []ui.Shortcut
}

// shortcutGroups returns the shortcuts by the pages on which they work.
func shortcutGroups() (groups []shortcutGroup) {
	for i, s := range ui.Shortcuts {
		if i == 0 || ui.Shortcuts[i-1].Where != s.Where {
			groups = append(groups, shortcutGroup{id: "keys-" + string(rune('a'+len(groups))), where: s.Where})
		}
		last := &groups[len(groups)-1]
		last.keys = append(last.keys, s)
	}
	return groups
}
