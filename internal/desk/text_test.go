package desk_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/ticketquery"
)

// invisible has texts without a visible character, by name.
var invisible = map[string]string{
	"spaces":                    " \t\u00a0\u2003\u3000",
	"zero width space":          "\u200b",
	"byte order mark":           "\ufeff",
	"Hangul filler":             "\u3164",
	"halfwidth Hangul filler":   "\uffa0",
	"Hangul choseong filler":    "\u115f",
	"blank Braille pattern":     "\u2800",
	"soft hyphen":               "\u00ad",
	"lone combining mark":       "\u0301",
	"lone enclosing mark":       "\u20dd",
	"variation selector":        "\ufe0f",
	"variation selector 17":     "\U000e0100",
	"tag letters":               "\U000e0041\U000e0042",
	"escape":                    "\x1b",
	"delete":                    "\x7f",
	"next line":                 "\u0085",
	"right-to-left override":    "\u202e",
	"word joiner and joiners":   "\u2060\u200c\u200d",
	"combining grapheme joiner": "\u034f",
	"null notehead":             "\U0001d159",
	"several of them":           "\u200b \u3164\u0301\u2800",
}

// visible has texts of one visible character.
var visible = []string{"a", "١", "漢", "ー", "ـ", "!", "☃", "❤\ufe0f", "👩\u200d🚀", "ක\u200d්", "\u0600", "\u2028x", "\ufffd", "\ue000", "\U0001fae8"}

// refusal returns the error of a field, or "" if the field is valid.
func refusal(t *testing.T, in any, field string) string {
	t.Helper()
	err := input.Check(in)
	var inv *fault.Invalid
	if err != nil && !errors.As(err, &inv) {
		t.Fatalf("check: %v", err)
	}
	return inv.Field(field)
}

func TestInvisibleTextIsRefusedAsEmpty(t *testing.T) {
	t.Parallel()
	for name, text := range invisible {
		for field, got := range map[string]string{
			"subject":     refusal(t, &desk.TicketInput{Subject: text}, "subject"),
			"description": refusal(t, &desk.TicketInput{Description: text}, "description"),
			"text":        refusal(t, &desk.CommentInput{Text: text}, "text"),
			"message":     refusal(t, &desk.MessageInput{Text: text}, "text"),
			"username":    refusal(t, &account.RegisterInput{Username: text}, "username"),
			"email":       refusal(t, &account.RegisterInput{Email: text}, "email"),
			"category":    refusal(t, &desk.CategoryInput{Name: text}, "name"),
			"token":       refusal(t, &account.TokenInput{Name: text}, "name"),
		} {
			if !strings.HasPrefix(got, "Write ") {
				t.Errorf("%s as %s: got %q, want the message for an empty field", name, field, got)
			}
		}
	}
}

func TestTextOfOneVisibleCharacterIsAccepted(t *testing.T) {
	t.Parallel()
	for _, text := range visible {
		if got := refusal(t, &desk.CommentInput{Text: text}, "text"); got != "" {
			t.Errorf("%q: got %q, want it accepted", text, got)
		}
	}
}

func TestControlCharactersAreRefusedAndNamed(t *testing.T) {
	t.Parallel()
	for r := range rune(0xa0) {
		if r >= 0x20 && r < 0x7f {
			continue
		}
		text := "one\ntwo" + string(r) + "three"
		name := fmt.Sprintf("U+%04X", r)
		if r == '\t' || r == '\n' || r == '\r' {
			name = ""
		}
		got := refusal(t, &desk.CommentInput{Text: text}, "text")
		if value := (got == ""); value != (name == "") {
			t.Errorf("%q in a comment: got %t, want %t", r, value, (name == ""))
		}
		if !strings.Contains(got, name) {
			t.Errorf("%q in a comment: got %q, want it with %q", r, got, name)
		}
		if got := refusal(t, &desk.TicketInput{Subject: "one" + string(r) + "two"}, "subject"); !strings.Contains(got, "one line") {
			t.Errorf("%q in a subject: got %q, want it refused", r, got)
		}
	}
}

func TestTheErrorOfAControlCharacterHasItsLineNumber(t *testing.T) {
	t.Parallel()
	got := refusal(t, &desk.CommentInput{Text: "one\r\ntwo\r\nthree \x1b[31m red"}, "text")
	if want := "Line 3 "; !strings.Contains(got, want) {
		t.Errorf("got %q, want %q in it", got, want)
	}
}

func TestLineSeparatorsAreRefusedInOneLineFields(t *testing.T) {
	t.Parallel()
	for _, r := range "\n\r\u0085\u2028\u2029" {
		if got := refusal(t, &desk.TicketInput{Subject: "one" + string(r) + "two"}, "subject"); !strings.Contains(got, "one line") {
			t.Errorf("%q: got %q, want it refused", r, got)
		}
	}
}

func TestLineBreaksAreNormalised(t *testing.T) {
	t.Parallel()
	in := desk.CommentInput{Text: "a\r\nb\rc\nd"}
	refusal(t, &in, "text")
	if want := "a\nb\nc\nd"; in.Text != want {
		t.Errorf("got %q, want %q", in.Text, want)
	}
}

func TestTextUnderOlderRulesDoesNotPreventAnEdit(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana := h.person("ana", account.RoleCustomer)
	was := h.opens(ana, anInput("k"))
	h.exec("update tickets set description = E'red \\x1b[31m' where id = $1", was.ID)
	in := desk.EditInput{TicketInput: anInput(""), Version: int(was.Version)}
	in.Description, in.Priority = "red \x1b[31m", "High"
	got, err := h.Tickets.Edit(t.Context(), ana, was.ID, in)
	if err != nil || got.Priority != desk.PriorityHigh {
		t.Errorf("got priority %s, %v; want High", got.Priority, err)
	}
	in.Description, in.Version = "blue \x1b[34m", int(got.Version)
	_, err = h.Tickets.Edit(t.Context(), ana, was.ID, in)
	desk.WantInvalid(t, err, "description", "a new text with a control character")
}

func TestAnInvisibleSearchIsEmpty(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana := h.person("ana", account.RoleCustomer)
	h.opens(ana, anInput("k"))
	for name, text := range invisible {
		page, err := h.Lists.Page(t.Context(), ana, ticketquery.Filter{Q: text})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if page.Filter.Q != "" {
			t.Errorf(`%s: got %q, want ""`, name, page.Filter.Q)
		}
		if len(page.Rows) != 1 {
			t.Errorf("%s: got %d rows, want 1: %+v", name, len(page.Rows), page.Rows)
		}
	}
	page, err := h.Lists.Page(t.Context(), ana, ticketquery.Filter{Q: "no\x1b \x0blight"})
	if err != nil {
		t.Fatalf("with control characters: %v", err)
	}
	if page.Filter.Q != "no light" {
		t.Errorf(`with control characters: got %q, want "no light"`, page.Filter.Q)
	}
	if len(page.Rows) != 1 {
		t.Errorf("with control characters: got %d rows, want 1: %+v", len(page.Rows), page.Rows)
	}
}
