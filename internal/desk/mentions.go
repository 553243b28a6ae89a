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
// make no difference. Of several names that fit, the longest one counts. If it is the name of the requester, or of a
// member of staff who cannot be mentioned, the note mentions no user there. Names of other customers do not
// count: anyone may register with any name.

const (
	// MaxMentions is the maximum number of names of one note that are looked up.
	MaxMentions = 30
	// mentionWords is the maximum number of words of a mentioned name.
	mentionWords = 12
	// maxMentionBytes bounds the length of a mentioned name: a name has at most 100 characters.
	maxMentionBytes = 400
	// maxNames is the maximum number of names that are looked up at one @.
	maxNames = 60
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
		beyond = []Unmentioned{{all[MaxMentions].first, NameBeyond}}
		all = all[:MaxMentions]
	}
	var asked []string
	for _, at := range all {
		asked = append(asked, at.names...)
	}
	rows, err := q.FindMentioned(ctx, db.FindMentionedParams{TicketID: ticketID, Names: asked})
	if err != nil {
		return nil, nil, fmt.Errorf("find mentioned users: %w", err)
	}
	byName := map[int32][]db.FindMentionedRow{}
	for _, r := range rows {
		byName[r.Nr-1] = append(byName[r.Nr-1], r)
	}
	meanings := make([]meaning, len(all))
	var nr int32
	for i, at := range all {
		meanings[i] = meant(at, byName, nr)
		nr += int32(len(at.names))
	}
	if err := hideShorter(ctx, q, ticketID, meanings); err != nil {
		return nil, nil, err
	}
	found, unknown = divided(meanings)
	return found, append(unknown, beyond...), nil
}

// divided returns the mentions of some meanings, and the names that mention no user, each once.
func divided(meanings []meaning) (found []event.Mention, unknown []Unmentioned) {
	for _, is := range meanings {
		isSame := func(u Unmentioned) bool { return strings.EqualFold(u.Name, is.name) }
		switch m := is.Mention; {
		case m.ID == 0 && !slices.ContainsFunc(unknown, isSame):
			unknown = append(unknown, Unmentioned{is.name, is.reason})
		case m.ID != 0 && !slices.Contains(found, m):
			found = append(found, m)
		}
	}
	return found, unknown
}

// namesAfter are the names that a note may mention at an @.
type namesAfter struct {
	names []string // the longest first
	first string   // the first word, which is reported if the note mentions no user there
}

// meaning is the user whom a note mentions at an @, or the reason why it mentions none.
type meaning struct {
	event.Mention
	name   string            // that is reported if the note mentions no user
	reason UnmentionedReason // "" if it mentions a user
	longer []string          // the names that are longer than the one that was found
}

// meant returns the user with the longest of some names, or the reason if no user has any of them, or if
// several users have that name. The rows of at.names[i] are those of nr+i.
func meant(at namesAfter, rows map[int32][]db.FindMentionedRow, nr int32) meaning {
	names := at.names
	for _, whole := range []bool{true, false} {
		for i := range names {
			var users []db.FindMentionedRow
			for _, r := range rows[nr+int32(i)] {
				if r.Whole == whole {
					users = append(users, r)
				}
			}
			if len(users) == 1 {
				return meaning{Mention: event.Mention{ID: users[0].ID, Name: users[0].Username, Text: names[i]}, longer: names[:i]}
			}
			if len(users) > 1 {
				return meaning{name: at.first, reason: NameAmbiguous, longer: names[:i]}
			}
		}
	}
	return meaning{name: at.first, reason: NameUnknown}
}

// hideShorter changes the meanings for which a longer name is that of staff or of the requester: they mention
// no user, and the longer name is reported as it is in the note. The user with the longer name cannot be mentioned;
// otherwise they would be the meaning.
func hideShorter(ctx context.Context, q *db.Queries, ticketID int64, meanings []meaning) error {
	var longer []string
	for _, is := range meanings {
		longer = append(longer, is.longer...)
	}
	if len(longer) == 0 {
		return nil
	}
	taken, err := q.FindNamesOnTicket(ctx, db.FindNamesOnTicketParams{TicketID: ticketID, Names: longer})
	if err != nil {
		return fmt.Errorf("find names of users: %w", err)
	}
	for i, is := range meanings {
		if at := slices.IndexFunc(is.longer, func(name string) bool { return slices.Contains(taken, name) }); at >= 0 {
			meanings[i] = meaning{name: is.longer[at], reason: NameUnknown}
		}
	}
	return nil
}

// mentioned returns for each @ that begins a word the names that it may mention, equal ones once. It ends
// after [MaxMentions] and one more.
func mentioned(text string) (all []namesAfter) {
	before, inURL := ' ', false // the character before the @, and whether the word is a URL up to it
	for i, r := range text {
		switch {
		case unicode.IsSpace(r):
			inURL = false
		case r == ':' && strings.HasPrefix(text[i:], "://"):
			inURL = true
		case r == '@' || r == '＠': // input methods of Chinese and Japanese write the second one
			if input.MayPrecedeMention(before) && !inURL && len(all) <= MaxMentions {
				at := namesAt(text[i+utf8.RuneLen(r):])
				isSame := func(other namesAfter) bool { return slices.Equal(other.names, at.names) }
				if at.names != nil && !slices.ContainsFunc(all, isSame) {
					all = append(all, at)
				}
			}
			continue // of several @ each may begin a name
		}
		before = r
	}
	return all
}

// namesAt returns the names that a text may begin with: its first words on one line before the next @, the
// last one up to each of the places where a name may end. There are none if the text does not begin with a letter, a number
// or an emoji.
func namesAt(text string) (at namesAfter) {
	if first, _ := utf8.DecodeRuneInString(text); !unicode.IsLetter(first) && !unicode.IsNumber(first) && !unicode.Is(unicode.So, first) {
		return at
	}
	text = text[:min(len(text), maxMentionBytes)]
	line, _, _ := strings.Cut(strings.ToValidUTF8(text, ""), "\n")
	before := ""
	for i, word := range strings.Fields(line) {
		if i == mentionWords || i > 0 && (word[0] == '@' || strings.HasPrefix(word, "＠")) {
			break
		}
		ends, first := input.MentionEnds(word)
		if i == 0 {
			at.first = word[:first]
		}
		for _, end := range ends {
			if len(at.names) < maxNames {
				at.names = append(at.names, before+word[:end])
			}
		}
		before += word + " "
	}
	slices.Reverse(at.names)
	return at
}
