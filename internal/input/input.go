// Package input checks what clients send. The shape of every input is declared once,
// on its struct: the tags `form` and `json` name a field, and `validate` bounds it.
// [Check] applies the rules, and pages and the API's document read them through [RulesOf].
// Identifiers such as addresses and names get one stored form and one key here.
package input

import (
	"cmp"
	"errors"
	"frontdesk/internal/fault"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"
)

var checker = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string { return f.Tag.Get("form") })
	for tag, holds := range map[string]func(string) bool{
		"storable": IsText,
		"text":     isProse,
		"line":     isLine,
		"name":     func(s string) bool { return isLine(s) && !strings.ContainsFunc(s, turns) },
		"address":  isEmailForm,
	} {
		must(v.RegisterValidation(tag, func(fl validator.FieldLevel) bool { return holds(fl.Field().String()) }))
	}
	return v
})

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// Check validates a pointer to an input struct after normalising its strings
// in place, and returns an [*fault.Invalid] with one message a field.
func Check(input any) error {
	normalise(reflect.ValueOf(input).Elem())
	err := checker().Struct(input)
	if err == nil {
		return nil
	}
	faults, ok := err.(validator.ValidationErrors)
	if !ok {
		return err
	}
	out := &fault.Invalid{}
	for _, f := range faults {
		out.Fields = append(out.Fields, fault.FieldError{Field: f.Field(), Message: message(f)})
	}
	return out
}

// normalise prepares every string but those tagged `keep:"space"`: CRLF and CR
// become LF (a browser sends CRLF; lengths are counted after), the space around
// the text is removed, a required text that shows nothing becomes "", and names
// and addresses get the form in which they are stored.
func normalise(v reflect.Value) {
	for i := range v.NumField() {
		f, t := v.Field(i), v.Type().Field(i)
		switch {
		case f.Kind() == reflect.Struct && t.Anonymous:
			normalise(f)
		case f.Kind() == reflect.String && f.CanSet() && t.Tag.Get("keep") != "space":
			f.SetString(normal(f.String(), strings.Split(t.Tag.Get("validate"), ",")))
		}
	}
}

// maxIdentifier is the length in bytes up to which names and addresses get their
// form, whose computation is not linear. What is longer fails its "max".
const maxIdentifier = 1 << 10

var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// normal is [normalise] for one text under its rules.
func normal(text string, rules []string) string {
	if slices.Contains(rules, "required") && IsBlank(text) {
		return ""
	}
	text = strings.TrimSpace(lineBreaks.Replace(text))
	switch {
	case len(text) > maxIdentifier, !utf8.ValidString(text): // refused as it is
	case slices.Contains(rules, "name"):
		return NameForm(text)
	case slices.Contains(rules, "address"):
		return EmailForm(text)
	}
	return text
}

// Rule is what a form, and the API's document, say of one field of an input.
type Rule struct {
	Required bool
	Min, Max int      // characters, or the least and the greatest number; 0 is no bound
	Email    bool     // an address
	OneOf    []string // the only values; nil is no bound
	Pattern  string   // a regular expression of which characters a text may have
	Visible  bool     // it must match [VisiblePattern], too
}

// RulesOf returns the rules of an input struct by form name (by the name in the
// query, for a filter). The tag `rules` holds those that `validate` leaves to
// code. The answer is cached by type and must not be changed.
func RulesOf(input any) map[string]Rule {
	t := reflect.TypeOf(input)
	if cached, ok := rules.Load(t); ok {
		return cached.(map[string]Rule)
	}
	out := map[string]Rule{}
	for _, f := range reflect.VisibleFields(t) {
		if name := cmp.Or(f.Tag.Get("form"), f.Tag.Get("query")); name != "" {
			tag := f.Tag.Get("validate") + "," + f.Tag.Get("rules")
			rule := parseRule(tag)
			rule.addPatterns(tag, f.Tag.Get("keep") == "space")
			out[name] = rule
		}
	}
	rules.Store(t, out)
	return out
}

var rules sync.Map // reflect.Type → map[string]Rule

func parseRule(tag string) Rule {
	var r Rule
	for part := range strings.SplitSeq(tag, ",") {
		key, value, _ := strings.Cut(part, "=")
		switch key {
		case "required":
			r.Required = true
		case "min":
			r.Min, _ = strconv.Atoi(value)
		case "max":
			r.Max, _ = strconv.Atoi(value)
		case "email":
			r.Email = true
		case "oneof":
			r.OneOf = strings.Fields(value)
		}
	}
	return r
}

// Faults returns the faults of a pointer to an input struct, followed by more.
func Faults(input any, more *fault.Invalid) *fault.Invalid {
	var inv *fault.Invalid
	if !errors.As(Check(input), &inv) {
		return more
	}
	return &fault.Invalid{Fields: append(inv.Fields, more.Fields...)}
}
