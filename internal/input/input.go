// Package input validates what clients send. The rules of an input are declared once, in
// the tags of its struct: `form` and `json` name a field, and `validate` restricts its
// values. [Check] applies the rules, and pages and the API's document read them with
// [RulesOf]. The package also computes the stored form and the key of e-mail addresses
// and names.
package input

import (
	"cmp"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"

	"frontdesk/internal/fault"
)

// checker returns the validator with the tags of this package.
var checker = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string { return f.Tag.Get("form") })
	for tag, holds := range map[string]func(string) bool{
		"storable": IsText,
		"text":     isProse,
		"line":     isLine,
		"name":     func(s string) bool { return isLine(s) && !strings.ContainsFunc(s, IsDirectionControl) },
		"address":  isEmailForm,
	} {
		mustRegister(v.RegisterValidation(tag, func(fl validator.FieldLevel) bool { return holds(fl.Field().String()) }))
	}
	return v
})

// mustRegister panics if err is not nil.
func mustRegister(err error) {
	if err != nil {
		panic(err)
	}
}

// Check normalises the strings of an input struct in place and then validates it. The
// input is a pointer to the struct. Check returns [*fault.Invalid] with one message for
// each invalid field.
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
		text := message(f)
		if f.Kind() == reflect.Int {
			text = outOfRange(RulesOf(reflect.ValueOf(input).Elem().Interface())[f.Field()])
		}
		out.Fields = append(out.Fields, fault.FieldError{Field: f.Field(), Message: text})
	}
	return out
}

// normalise normalises every string field that is not tagged `keep:"space"`: it replaces
// CRLF and CR by LF, because browsers send CRLF, and removes the space around the text. A
// required text without visible characters becomes "", and names and addresses get their
// stored form.
func normalise(v reflect.Value) {
	for i := range v.NumField() {
		f, t := v.Field(i), v.Type().Field(i)
		switch {
		case f.Kind() == reflect.Struct && t.Anonymous:
			normalise(f)
		case f.Kind() == reflect.String && f.CanSet() && t.Tag.Get("keep") != "space":
			f.SetString(normalText(f.String(), strings.Split(t.Tag.Get("validate"), ",")))
		}
	}
}

// maxIdentifier is the length in bytes up to which the stored form of names and addresses
// is computed, because its cost is not linear. Longer ones exceed their "max" anyway.
const maxIdentifier = 1 << 10

// lineBreaks replaces line breaks by LF.
var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// normalText returns the normalised form of a text with the given rules, see [normalise].
func normalText(text string, rules []string) string {
	if slices.Contains(rules, "required") && IsBlank(text) {
		return ""
	}
	text = strings.TrimSpace(lineBreaks.Replace(text))
	switch {
	case len(text) > maxIdentifier, !utf8.ValidString(text): // refused later
	case slices.Contains(rules, "name"):
		return NameForm(text)
	case slices.Contains(rules, "address"):
		return EmailForm(text)
	}
	return text
}

// Rule has the rules of one field of an input, for forms and for the API's document.
type Rule struct {
	Required bool
	Min, Max int      // the length of a text in characters, or the range of a number; 0 for no limit
	Email    bool     // the field is an e-mail address
	OneOf    []string // the allowed values; nil for any
	Pattern  string   // a regular expression that the text must match
	Visible  bool     // the text must also match [VisiblePattern]
}

// RulesOf returns the rules of an input struct by the name in the tag `form`, or in the
// tag `query` for fields without one. The tag `rules` has rules that code checks, as an
// addition to `validate`. The result is cached for each type and must not be modified.
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

// rules is the cache of [RulesOf]: reflect.Type → map[string]Rule.
var rules sync.Map

// parseRule returns the rules of a tag, without patterns.
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

// Faults returns the faults that [Check] finds in an input, followed by those in more.
func Faults(input any, more *fault.Invalid) *fault.Invalid {
	var inv *fault.Invalid
	if !errors.As(Check(input), &inv) {
		return more
	}
	return &fault.Invalid{Fields: append(inv.Fields, more.Fields...)}
}
