package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/account"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
)

// note adds an internal note to the fixture's ticket.
func (k *ticketFixture) note(by account.Actor, text string) Note {
	k.Helper()
	n, err := k.desk.Notes.Add(context.Background(), by, k.ticket, NoteInput{Text: text})
	k.must(err)
	return n
}

func TestANoteIsAnInternalEntry(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	before := k.ticketRow()
	n := k.note(k.priya, "Accounts can only re-issue until the 25th.")
	if after := k.ticketRow(); after != before {
		t.Errorf("row %q, want %q", after, before)
	}
	entries := k.timeline(k.tom).Entries
	if len(entries) != 1 {
		t.Fatalf("staff see %+v, want one entry", entries)
	}
	want := entries[0]
	want.Seq, want.Kind, want.Internal, want.Body = n.Seq, event.KindNote, true, n.Body
	if diff := cmp.Diff(want, entries[0]); diff != "" {
		t.Errorf("the note (-want +got):\n%s", diff)
	}
	if got := k.timeline(k.ana).Entries; len(got) != 0 {
		t.Errorf("the requester sees %+v, want nothing", got)
	}
}

func TestOnlyStaffOfOthersTicketsWriteNotes(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	for _, c := range []struct {
		who   account.Actor
		owner account.Actor
		want  error
	}{{k.ana, k.ana, fault.ErrForbidden}, {k.boris, k.ana, fault.ErrNotFound}, {k.tom, k.tom, fault.ErrForbidden}, {k.priya, k.tom, nil}} {
		id := k.open(c.owner, c.who.Username+c.owner.Username)
		for _, text := range []string{"Look.", ""} {
			_, err := k.desk.Notes.Add(context.Background(), c.who, id, NoteInput{Text: text})
			switch {
			case c.want != nil && !errors.Is(err, c.want):
				t.Errorf("%s on a ticket of %s: got %v, want %v", c.who.Username, c.owner.Username, err, c.want)
			case c.want == nil && (err != nil) != (text == ""):
				t.Errorf("%s on a ticket of %s: the text %q: got %v, want an error only if it is empty", c.who.Username, c.owner.Username, text, err)
			}
		}
	}
}

func TestANoteThatIsSentAgainIsStoredOnce(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	ctx, in := context.Background(), NoteInput{Text: "Once, @Tom and @Zed.", SubmissionID: "a"}
	first, err := k.desk.Notes.Add(ctx, k.priya, k.ticket, in)
	k.must(err)
	again, err := k.desk.Notes.Add(ctx, k.priya, k.ticket, in)
	k.must(err)
	if diff := cmp.Diff(first.Note(), again.Note()); diff != "" {
		t.Errorf("sent again, its data (-want +got):\n%s", diff)
	}
	first.Data, again.Data = nil, nil // PostgreSQL writes JSON with spaces
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("sent again (-want +got):\n%s", diff)
	}
	if _, err := k.desk.Notes.Add(ctx, k.priya, k.ticket, NoteInput{Text: "Twice.", SubmissionID: "a"}); !errors.Is(err, fault.ErrKeyReused) {
		t.Errorf("with another text: %v, want %v", err, fault.ErrKeyReused)
	}
	if _, err := k.desk.Comments.Add(ctx, k.priya, k.ticket, CommentInput{Text: in.Text, SubmissionID: "a"}); !errors.Is(err, fault.ErrKeyReused) {
		t.Errorf("as a comment: %v, want %v", err, fault.ErrKeyReused)
	}
}

func TestAnAuthorDeletesAnOwnNoteForTenMinutes(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	ctx := context.Background()
	n := k.note(k.priya, "A secret.")
	if err := k.desk.Notes.Delete(ctx, k.tom, k.ticket, n.Seq); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("by a colleague: %v, want %v", err, fault.ErrForbidden)
	}
	if err := k.desk.Notes.Delete(ctx, k.ana, k.ticket, n.Seq); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("by the requester: %v, want %v", err, fault.ErrForbidden)
	}
	if err := k.desk.Notes.Delete(ctx, k.priya, k.ticket, 1); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("an entry that is no note: %v, want %v", err, fault.ErrNotFound)
	}
	*k.now = k.now.Add(9 * time.Minute)
	for range 2 {
		k.must(k.desk.Notes.Delete(ctx, k.priya, k.ticket, n.Seq))
	}
	e := k.timeline(k.tom).Entries[0]
	if e.Body != "" {
		t.Errorf(`after the deletion: the body is %s, want ""`, e.Body)
	}
	if !e.Note().Deleted {
		t.Error("after the deletion: deleted is false, want true")
	}
	if e.Seq != n.Seq {
		t.Errorf("after the deletion: the seq is %d, want %d", e.Seq, n.Seq)
	}
	late := k.note(k.priya, "Too late.")
	*k.now = k.now.Add(10 * time.Minute)
	if err := k.desk.Notes.Delete(ctx, k.priya, k.ticket, late.Seq); !errors.Is(err, fault.ErrNoteTooOld) {
		t.Errorf("after ten minutes: %v, want %v", err, fault.ErrNoteTooOld)
	}
}

func TestANoteMentionsColleaguesByName(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	becker, lucia := k.person("Tom Becker", account.RoleAgent), k.person("Lucía Ortega", account.RoleAgent)
	k.person("Tom Baker", account.RoleAgent)
	k.person("Carla Cliente", account.RoleCustomer)
	k.exec(`update users set username = 'Cara Cliente' where id = $1`, k.ana.ID) // the requester
	k.person("Cara please", account.RoleCustomer)
	k.person("Cara Voss", account.RoleAgent)
	k.person("Pat O'Brien", account.RoleAgent)
	gone := k.person("Cara Gone", account.RoleAgent)
	k.exec(`update users set disabled_at = now() where id = $1`, gone.ID)
	hill := k.person("Nora Hill", account.RoleAgent)
	k.person("Nora Holt", account.RoleAgent)
	k.exec(`update users set email = 'nora.hill@example.org' where id = $1`, hill.ID)
	berg := k.person("Tom Becker van der Berg zu Hohenfels", account.RoleAgent)
	octavia := k.person("Ⅷ Octavia", account.RoleAgent)
	wang, family := k.person("王小明", account.RoleAgent), k.person("👩‍👩‍👧", account.RoleAgent)
	for _, c := range []struct {
		text    string
		want    []string
		unknown []Unmentioned
	}{
		{"@Tom Becker, look at this", []string{becker.Username}, nil},
		{"Ask @lucia.", []string{lucia.Username}, nil},
		{"(@LUCÍA ORTEGA) and @lucía again", []string{lucia.Username, lucia.Username}, nil},
		{"@Nora, and @nora.hill@example.org", []string{"Nora Hill"}, []Unmentioned{{"Nora", NameAmbiguous}}},
		{"@Tom Baker\n@Lucia\nOrtega", []string{"Tom Baker", lucia.Username}, nil},
		{"@Tom what now?", []string{"tom"}, nil}, // his whole name
		{"write to ana@example.org, @ 5 o’clock", nil, nil},
		{"@ana waits, and @Carla too", nil, []Unmentioned{{"ana", NameUnknown}, {"Carla", NameUnknown}}},
		{"请@王小明 看", []string{wang.Username}, nil},
		{"＠Tom Becker, @@lucia and ＠@nobody", []string{becker.Username, lucia.Username}, []Unmentioned{{"nobody", NameUnknown}}},
		{"@Tom Becker van der Berg zu Hohenfels, please", []string{berg.Username}, nil},
		{"@👩‍👩‍👧 please", []string{family.Username}, nil},
		{"@Ⅷ Octavia, please", []string{octavia.Username}, nil},
		{"https://example.org/@lucia and https://example.org/a,@lucia", nil, nil},
		{"@Cara Cliente, please", nil, []Unmentioned{{"Cara Cliente", NameUnknown}}}, // the requester, and no colleague with a shorter name
		{"@cara CLIENTE please", nil, []Unmentioned{{"cara CLIENTE", NameUnknown}}},
		{"@Cara Client, please", []string{"Cara Voss"}, nil},
		{"@Cara please look", []string{"Cara Voss"}, nil}, // another customer chose a name that hides no colleague
		{"@Tom Becker@Lucía and @Tom Becker @Lucía", []string{becker.Username, lucia.Username}, nil},
		{"@none.such@example.org", nil, []Unmentioned{{"none.such@example.org", NameUnknown}}},
		{"@Cara Gone, please", nil, []Unmentioned{{"Cara Gone", NameUnknown}}}, // disabled
		{"@王小明，你好", []string{wang.Username}, nil},
		{"@王小明你好，@王小 @王明", []string{wang.Username}, []Unmentioned{{"王小", NameUnknown}, {"王明", NameUnknown}}},
		{"@Lucía,hello @Lucia's @lucia’s, @Lucia—please @Luciaさん", []string{lucia.Username, lucia.Username, lucia.Username}, nil}, // each spelling once
		{"@Pat O'Brien's", []string{"Pat O'Brien"}, nil},
		{"@ana,hello", nil, []Unmentioned{{"ana", NameUnknown}}},
		{"@Tommy", nil, []Unmentioned{{"Tommy", NameUnknown}}},
		{"@Tommy and @tommy, and once more @Tommy", nil, []Unmentioned{{"Tommy", NameUnknown}}}, // reported once
	} {
		n := k.note(k.priya, c.text)
		var got []string
		for _, m := range n.Note().Mentions {
			got = append(got, m.Name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q mentions %q, want %q", c.text, got, c.want)
		}
		if !slices.Equal(n.Unmentioned, c.unknown) {
			t.Errorf("%q: the names that are not mentioned are %v, want %v", c.text, n.Unmentioned, c.unknown)
		}
	}
}

func TestFullNamesAreFoundAmongManyColleaguesWithTheSameFirstName(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.exec(`insert into users (username, email, password_hash, role)
		select format('Agent Many %s', i), format('many%s@example.org', i), 'x', 'agent' from generate_series(100, 299) i`)
	var text strings.Builder
	for i := 120; i < 130; i++ {
		fmt.Fprintf(&text, "@Agent Many %d, ", i)
	}
	n := k.note(k.priya, text.String()+"@Agent")
	got := n.Note().Mentions
	if len(got) != 10 {
		t.Fatalf("got %d elements, want 10: %+v", len(got), got)
	}
	if got[9].Name != "Agent Many 129" {
		t.Errorf(`the name is %q, want "Agent Many 129"`, got[9].Name)
	}
	if want := []Unmentioned{{"Agent", NameAmbiguous}}; !slices.Equal(n.Unmentioned, want) {
		t.Errorf("the note does not mention %v, want %v", n.Unmentioned, want)
	}
}

func TestANoteWithMoreThanThirtyMentionsReportsTheFirstThatIsNotLookedUp(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.exec(`insert into users (username, email, password_hash, role)
		select format('Agent%s', i), format('agent%s@example.org', i), 'x', 'agent' from generate_series(1, 30) i`)
	k.person("Late Lena", account.RoleAgent)
	var thirty strings.Builder
	for i := range 30 {
		fmt.Fprintf(&thirty, "@Agent%d, ", i+1)
	}
	often := k.note(k.priya, strings.Repeat("@tom ", 1000)+thirty.String()[len("@Agent1, "):])
	if got := len(often.Note().Mentions); got != 30 {
		t.Errorf("30 names, one of them often: got %d mentions, want 30", got)
	}
	if len(often.Unmentioned) != 0 {
		t.Errorf("30 names, one of them often: the note does not mention %v, want none", often.Unmentioned)
	}
	n := k.note(k.priya, thirty.String()+"@Late Lena and @Nobody")
	if got, want := n.Unmentioned, []Unmentioned{{"Late", NameBeyond}}; !slices.Equal(got, want) {
		t.Errorf("the note does not mention %v, want %v", got, want)
	}
	if got := n.Note().Mentions; len(got) != 30 {
		t.Errorf("the note mentions %v, want the first 30", got)
	}
}
