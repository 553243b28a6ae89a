package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/db"
	"frontdesk/internal/event"
	"frontdesk/internal/input"
)

// A note mentions a colleague by @ and their name: the whole name, which may have spaces, or
// their e-mail address, or their first name if only one colleague has it. Case and accents
// make no difference. The longest name that fits is meant.

const (
	// MaxMentions is the maximum number of names of one note that are looked up.
	MaxMentions = 30
	// mentionWords is the maximum number of words of a mentioned name.
	mentionWords = 12
	// maxMentionBytes bounds the length of a mentioned name: a name has at most 100 characters.
	maxMentionBytes = 400
)

// Unmentioned is a name in a note that mentions no user.
type Unmentioned struct {
	Name   string // without the @
	Reason UnmentionedReason
}

// UnmentionedReason is why a name mentions no user.
type UnmentionedReason string

// The reasons for which a name mentions no user.
const (
	NameUnknown   UnmentionedReason = "unknown"   // no colleague who may read the ticket has it
	NameAmbiguous UnmentionedReason = "ambiguous" // several colleagues have it
	NameBeyond    UnmentionedReason = "beyond"    // it and the names after it were not looked up
)

// mentions returns the colleagues whom a text mentions, each once for each name, and the names that
// mention no user. Of equal names that mention no user only the first is returned. Only staff who may read the
// ticket can be mentioned.
func (s *core) mentions(ctx context.Context, q *db.Queries, ticketID int64, text string) (found []event.Mention, unknown []Unmentioned, err error) {
	all := mentioned(text)
	if len(all) == 0 {
		return nil, nil, nil
	}
	var beyond []Unmentioned
	if len(all) > MaxMentions {
		beyond = []Unmentioned{{firstName(all[MaxMentions]), NameBeyond}}
		all = all[:MaxMentions]
	}
	rows, err := q.FindMentioned(ctx, db.FindMentionedParams{TicketID: ticketID, Names: slices.Concat(all...)})
	if err != nil {
		return nil, nil, fmt.Errorf("find mentioned users: %w", err)
	}
	byName := map[int32][]db.FindMentionedRow{}
	for _, r := range rows {
		byName[r.Nr-1] = append(byName[r.Nr-1], r)
	}
	var nr int32
	for _, names := range all {
		m, reason := meant(names, byName, nr)
		nr += int32(len(names))
		name := firstName(names)
		isSame := func(u Unmentioned) bool { return strings.EqualFold(u.Name, name) }
		switch {
		case m.ID == 0 && !slices.ContainsFunc(unknown, isSame):
			unknown = append(unknown, Unmentioned{name, reason})
		case m.ID != 0 && !slices.Contains(found, m):
			found = append(found, m)
		}
	}
	return found, append(unknown, beyond...), nil
}

// firstName returns the shortest of the names at an @.
func firstName(names []string) string { return names[len(names)-1] }

// meant returns the user whom the first of some names mentions that anyone has; the zero
// Mention and the reason if there is none, or if several users have that name. The rows of names[i]
// are those of nr+i.
func meant(names []string, rows map[int32][]db.FindMentionedRow, nr int32) (m event.Mention, reason UnmentionedReason) {
	for _, whole := range []bool{true, false} {
		for i := range names {
			var users []db.FindMentionedRow
			for _, r := range rows[nr+int32(i)] {
				if r.Whole == whole {
					users = append(users, r)
				}
			}
			if len(users) == 1 {
				return event.Mention{ID: users[0].ID, Name: users[0].Username, Text: names[i]}, ""
			}
			if len(users) > 1 {
				return event.Mention{}, NameAmbiguous
			}
		}
	}
	return event.Mention{}, NameUnknown
}

// mentioned returns for each @ that begins a word the names that it may mention, the longest
// first. The last one is the first word. It ends after [MaxMentions] and one more.
func mentioned(text string) (all [][]string) {
	before, inURL := ' ', false // the character before the @, and whether the word is a URL up to it
	for i, r := range text {
		switch {
		case unicode.IsSpace(r):
			inURL = false
		case r == ':' && strings.HasPrefix(text[i:], "://"):
			inURL = true
		case r == '@' || r == '＠': // input methods of Chinese and Japanese write the second one
			if input.MayPrecedeMention(before) && !inURL && len(all) <= MaxMentions {
				if names := namesAt(text[i+utf8.RuneLen(r):]); names != nil {
					all = append(all, names)
				}
			}
			continue // of several @ each may begin a name
		}
		before = r
	}
	return all
}

// namesAt returns the names that a text may begin with: its first words on one line, with
// and without the punctuation after them. It returns nil if the text does not begin with a
// letter, a digit or an emoji.
func namesAt(text string) (names []string) {
	if first, _ := utf8.DecodeRuneInString(text); !unicode.IsLetter(first) && !unicode.IsDigit(first) && !unicode.Is(unicode.So, first) {
		return nil
	}
	text = text[:min(len(text), maxMentionBytes)]
	line, _, _ := strings.Cut(strings.ToValidUTF8(text, ""), "\n")
	words := strings.Fields(line)
	for n := min(len(words), mentionWords); n > 0; n-- {
		name := strings.Join(words[:n], " ")
		names = append(names, name)
		if trimmed := strings.TrimRightFunc(name, func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }); trimmed != name && trimmed != "" {
			names = append(names, trimmed)
		}
	}
	return names
}
