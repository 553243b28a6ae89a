package settings

import (
	"fmt"
	"reflect"
	"strconv"
)

// Field is one setting as its form shows it.
type Field struct {
	Name    string // in the form
	Label   string
	Text    string // what the setting does
	OnOff   bool   // whether it is a Boolean, whose value is "true" or "false"
	Value   string
	Default string
}

// Fields returns the settings in the order of their declaration.
func (v Values) Fields() []Field {
	all := reflect.ValueOf(v)
	out := make([]Field, all.NumField())
	for i := range out {
		t := all.Type().Field(i)
		out[i] = Field{Name: t.Tag.Get("form"), Label: t.Tag.Get("label"), Text: t.Tag.Get("doc"), OnOff: t.Type.Kind() == reflect.Bool,
			Value: fmt.Sprint(all.Field(i).Interface()), Default: t.Tag.Get("default")}
	}
	return out
}

// Defaults returns the settings of a desk on which none was changed.
func Defaults() (v Values) {
	all := reflect.ValueOf(&v).Elem()
	for i := range all.NumField() {
		field, text := all.Field(i), all.Type().Field(i).Tag.Get("default")
		if field.Kind() == reflect.Bool {
			field.SetBool(text == "true")
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			panic(err) // a tag that is not a number is a bug
		}
		field.SetInt(int64(n))
	}
	return v
}
