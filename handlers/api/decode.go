package api

import (
	"cmp"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strconv"

	"frontdesk/internal/fault"
)

// into sets the fields of an input from the values of the client, by their JSON names. A
// value of another type is a [fault.Invalid] of its field. Unknown names are ignored. A null is the
// same as a missing field, except for a version, where it is refused: a request without a version
// overwrites the changes of others.
func (s requestData) into(input any) error {
	inv := &fault.Invalid{}
	s.fill(reflect.ValueOf(input).Elem(), inv)
	if len(inv.Fields) > 0 {
		return inv
	}
	return nil
}

// fill sets the fields of a struct, and adds those with a value of another type to inv.
func (s requestData) fill(v reflect.Value, inv *fault.Invalid) {
	for i := range v.NumField() {
		field, t := v.Field(i), v.Type().Field(i)
		if t.Anonymous {
			s.fill(field, inv)
			continue
		}
		name := t.Tag.Get("json")
		value, has := s.values[name]
		if name == "" || name == "-" || !has || value == nil && name != version {
			continue
		}
		if !set(field, value) {
			inv.Fields = append(inv.Fields, fault.FieldError{Field: t.Tag.Get("form"), Message: "This has to be " + typeName(field.Kind()) + "."})
		} else if name == version && field.CanInt() && field.Int() < 1 {
			inv.Fields = append(inv.Fields, fault.FieldError{Field: t.Tag.Get("form"), Message: "This is not a version. Send the one that you have read, or leave the field out."})
		}
	}
}

// set sets a field and reports whether the value has its type.
func set(field reflect.Value, value any) bool {
	switch field.Kind() {
	case reflect.String:
		text, ok := value.(string) // false for a json.Number
		field.SetString(text)
		return ok
	case reflect.Int, reflect.Int32, reflect.Int64:
		n, ok := wholeNumber(value, bits(field.Type()))
		field.SetInt(n)
		return ok
	case reflect.Slice:
		return setNumbers(field, value)
	case reflect.Bool:
		field.SetBool(value == true || value == "true") // all values of a form are texts
		return value == true || value == false || value == "true" || value == "false" || value == ""
	}
	return false
}

// setNumbers sets a field to a list of whole numbers, or to the one of a form. It reports whether the
// value is such a list.
func setNumbers(field reflect.Value, value any) bool {
	all, isList := value.([]any)
	if text, isText := value.(string); isText && text != "" {
		all, isList = []any{text}, true
	}
	out := reflect.MakeSlice(field.Type(), len(all), len(all))
	for i, v := range all {
		n, ok := wholeNumber(v, bits(field.Type().Elem()))
		if !ok {
			return false
		}
		out.Index(i).SetInt(n)
	}
	field.Set(out)
	return isList
}

// bits returns the size of a field's numbers, as the OpenAPI document has it: 64 bits for ids, 32 for
// others, such as versions.
func bits(t reflect.Type) int {
	if t.Kind() == reflect.Int64 {
		return 64
	}
	return 32
}

// wholeNumber reads a number of that many bits, from JSON or the text of a form. In JSON it may
// have an exponent or a fraction of zero, if it is below 2^53: up to there a float64 is exact.
func wholeNumber(value any, bits int) (int64, bool) {
	text, isText := value.(string)
	number, isNumber := value.(json.Number)
	if !isText && !isNumber {
		return 0, false
	}
	n, err := strconv.ParseInt(text+string(number), 10, bits)
	if err == nil || isText {
		return n, err == nil
	}
	f, err := number.Float64()
	most := math.Ldexp(1, min(bits-1, 53))
	return int64(f), err == nil && f == math.Trunc(f) && f > -most-1 && f < most
}

// typeName returns the name of a type for an error message.
func typeName(kind reflect.Kind) string {
	switch kind {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list of whole numbers"
	}
	return "a whole number"
}

// asAPI returns an error with the JSON names of the input's fields.
func asAPI(err error, input any) error {
	var inv *fault.Invalid
	if !errors.As(err, &inv) {
		return err
	}
	names := map[string]string{}
	jsonNames(reflect.TypeOf(input), names)
	out := inv.Renamed(func(field string) string { return cmp.Or(names[field], field) })
	if errors.Is(err, fault.ErrTooLarge) {
		return errors.Join(fault.ErrTooLarge, out)
	}
	return out
}

// jsonNames adds the JSON names of a struct's fields by their names in forms.
func jsonNames(t reflect.Type, names map[string]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			jsonNames(f.Type, names)
		} else if name := f.Tag.Get("json"); name != "" && name != "-" {
			names[f.Tag.Get("form")] = name
		}
	}
}
