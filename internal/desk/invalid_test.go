package desk

import (
	"errors"
	"fmt"
	"testing"

	"frontdesk/internal/fault"
)

// WantInvalid fails the test unless err is a fault.Invalid with an error of the field, and
// returns it. The message begins with what.
func WantInvalid(t *testing.T, err error, field string, what ...any) *fault.Invalid {
	t.Helper()
	var inv *fault.Invalid
	if !errors.As(err, &inv) {
		t.Fatalf("%s: got the error %v, want one of the field %s", fmt.Sprint(what...), err, field)
	}
	if inv.Field(field) == "" {
		t.Errorf("%s: got %v, want an error of the field %s", fmt.Sprint(what...), err, field)
	}
	return inv
}
