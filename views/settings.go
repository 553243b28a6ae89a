package views

import (
	"net/url"
	"slices"

	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/settings"
	"frontdesk/views/ui"
)

// SettingsPage is the data of the page of settings. Typed is the form that was not saved; nil
// shows the saved settings.
type SettingsPage struct {
	Saved   settings.Saved
	Typed   url.Values
	Stale   bool // another user has saved settings since the form was loaded
	Invalid *fault.Invalid
}

// value returns what the form shows for a setting.
func (p SettingsPage) value(f settings.Field) string {
	switch {
	case p.Typed == nil:
		return f.Value
	case f.OnOff && p.Typed.Get(f.Name) != "true": // a checkbox that is not checked is not sent
		return "false"
	}
	return p.Typed.Get(f.Name)
}

// labelled returns the errors of the form with the labels of their fields: the message about a number
// does not say which one it is about.
func (p SettingsPage) labelled() *fault.Invalid {
	if p.Invalid == nil {
		return nil
	}
	out := &fault.Invalid{Fields: slices.Clone(p.Invalid.Fields)}
	for i, wrong := range out.Fields {
		for _, f := range p.Saved.Fields() {
			if f.Name == wrong.Field {
				out.Fields[i].Message = f.Label + ": " + wrong.Message
			}
		}
	}
	return out
}

// input returns the control of a setting that is a number.
func (p SettingsPage) input(f settings.Field) ui.Input {
	rule := input.RulesOf(settings.Values{})[f.Name]
	rule.Required, rule.Max = true, 0 // the bounds of the number, not of its length
	return ui.Input{Name: f.Name, Label: f.Label, Hint: p.hint(f), Value: p.value(f), Error: p.Invalid.Field(f.Name), Rule: rule, Autocomplete: "off"}
}

// hint returns what a setting does, and its default.
func (p SettingsPage) hint(f settings.Field) string {
	out := f.Text + " Default: " + settingWord(f, f.Default) + "."
	if p.Stale && p.value(f) != f.Value {
		out += " Saved by the other admin: " + settingWord(f, f.Value) + "."
	}
	return out
}

// settingWord returns a value of a setting as the page shows it.
func settingWord(f settings.Field, value string) string {
	switch {
	case f.OnOff && value == "true":
		return "on"
	case f.OnOff:
		return "off"
	}
	return value
}
