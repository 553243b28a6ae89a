package api

import (
	"encoding/json"
	"testing"
)

func TestANumberHasTheSizeOfItsField(t *testing.T) {
	for text, want := range map[string]struct{ version, id bool }{
		"2147483647": {true, true}, "2147483648": {false, true}, "9007199254740993": {false, true}, "9223372036854775807": {false, true},
		"9223372036854775808": {false, false}, "1e3": {true, true}, "5.0e9": {false, true}, "1.5": {false, false}, "1e300": {false, false},
		"9007199254740993.0": {false, false}, // it would be rounded
	} {
		var in struct {
			Version int     `form:"version" json:"version"`
			ID      int64   `form:"id" json:"id"`
			IDs     []int64 `form:"ids" json:"ids"`
		}
		n := json.Number(text)
		for field, c := range map[string]struct {
			value any
			want  bool
		}{"version": {n, want.version}, "id": {n, want.id}, "ids": {[]any{n}, want.id}} {
			err := requestData{values: map[string]any{field: c.value}}.into(&in)
			if got := err == nil; got != c.want {
				t.Errorf("%s as %s: accepted is %v, want %v (%v)", text, field, got, c.want, err)
			}
		}
		if want.id && len(in.IDs) > 0 && in.IDs[0] != in.ID {
			t.Errorf("%s: the list has %d, want %d", text, in.IDs[0], in.ID)
		}
	}
}
