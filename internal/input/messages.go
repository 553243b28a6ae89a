package input

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"
)

// messages are the messages for missing or invalid values, by field and tag. %s is the
// parameter of the tag. A field of a struct may have its own. Other fields get the general message
// of their tag, see message.
var messages = map[string]string{
	"subject.required":     "Write a subject, so that you can find the ticket again.",
	"description.required": "Write what happened, so that we can help.",
	"text.required":        "Write something first.",
	"username.required":    "Write your name, so that we know how to greet you.",
	"email.required":       "Write your e-mail address.",
	"email.address":        "Write the address as your mail program shows it, such as ana@example.org.",
	"email.email":          "Write the whole address, such as ana@example.org.",
	"password.required":    "Write your password.", // package account has messages for new passwords
	"current.required":     "Write your current password, so that we know it is you.",
	"category.required":    "Choose a category.",
	"priority.required":    "Choose how urgent it is.",
	"priority.oneof":       "Choose Low, Medium, High or Urgent.",
	"status.required":      "Choose a status.",
	"status.oneof":         "Choose OPEN, IN_PROGRESS, RESOLVED or CLOSED.",
	"name.required":        "Write a name.",
	"role.required":        "Choose a role.",
	"address.required":     "Write the address that mails are sent from.",
	"host.required":        "Write the name of the SMTP server.",
	"security.required":    "Choose how the connection is secured.",
	"join.max":             "Choose at most %s teams.",

	"AddUserInput.username.required": "Write the name of the user.",
	"AddUserInput.email.required":    "Write the e-mail address of the user.",
	"InviteInput.email.required":     "Write the e-mail address of the user.",
}

// message returns the message for a fault that the validator found.
func message(f validator.FieldError) string {
	for _, field := range []string{f.Namespace(), f.Field()} {
		if m, ok := messages[field+"."+f.Tag()]; ok {
			return strings.Replace(m, "%s", f.Param(), 1)
		}
	}
	value := fmt.Sprint(f.Value())
	switch f.Tag() {
	case "required":
		return "Fill this in."
	case "max":
		return TooLong(utf8.RuneCountInString(value), f.Param())
	case "oneof":
		return "Choose one of " + strings.Join(strings.Fields(f.Param()), ", ") + "."
	case "line", "name":
		return "Write it in one line, without characters that cannot be shown."
	case "text":
		return proseError(value)
	}
	return "This cannot be used. Change it and try again."
}

// outOfRange returns the message for a number that is too small or too large, or for a text that is
// not a number.
func outOfRange(r Rule) string {
	return fmt.Sprintf("Write a whole number from %d to %d.", r.Min, r.Max)
}

// TooLong returns the message for a text of n characters that exceeds limit, a decimal
// number. It panics if limit is not a number.
func TooLong(n int, limit string) string {
	most, err := strconv.Atoi(limit)
	if err != nil {
		panic(err) // limit comes from a validation tag, so this is a bug
	}
	over := Thousands(n-most) + " characters"
	if n-most == 1 {
		over = "1 character"
	}
	return fmt.Sprintf("Remove %s: this has %s, and the limit is %s.", over, Thousands(n), Thousands(most))
}

// Thousands formats a number with commas between groups of three digits, such as
// "1,234,567". It must not be negative.
func Thousands[N int | int64](n N) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Bytes formats a number of bytes with one binary unit, such as "184 KiB" or "1.5 MiB". It rounds
// half up, as size in static/src/uploads/reasons.js does.
func Bytes[N int64 | uint64](n N) string {
	unit, size := "GiB", float64(1<<30)
	switch {
	case n == 1:
		return "1 byte"
	case n < 1<<10:
		return fmt.Sprintf("%d bytes", n)
	case n < 1<<20:
		return fmt.Sprintf("%.0f KiB", math.Round(float64(n)/(1<<10)))
	case n < 1<<30:
		unit, size = "MiB", 1<<20
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", math.Round(float64(n)/size*10)/10), ".0") + " " + unit
}

// Duration formats a duration of whole days, hours, minutes or seconds in the largest of these units
// that divides it, such as "30 days" or "10 minutes". One day is "24 hours".
func Duration(d time.Duration) string {
	unit, name := time.Second, "second"
	switch {
	case d%(24*time.Hour) == 0 && d > 24*time.Hour:
		unit, name = 24*time.Hour, "day"
	case d%time.Hour == 0:
		unit, name = time.Hour, "hour"
	case d%time.Minute == 0:
		unit, name = time.Minute, "minute"
	}
	if d == unit {
		return "1 " + name
	}
	return fmt.Sprintf("%d %ss", d/unit, name)
}
