package views

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/views/ui"
)

// entryOf returns an entry of a log, written in November 2026 at a time such as "20
// 14:05".
func entryOf(seq int64, kind event.Kind, author int64, at string) desk.Event {
	when, err := time.Parse("2006-01-02 15:04", "2026-11-"+at)
	if err != nil {
		panic(err)
	}
	names := map[int64]string{1: "Ana Kovač", 2: "Priya Nair", 3: "Tom Becker"}
	return desk.Event{Seq: seq, Kind: kind, AuthorID: author, Author: names[author], CreatedAt: when}
}

func TestAUserNamedYouIsNotTheReaderInARowOfMessages(t *testing.T) {
	t.Parallel()
	namesake := entryOf(3, event.KindMessage, 4, "19 09:01")
	namesake.Author = "You"
	rows := timelineItems([]desk.Event{namesake, entryOf(4, event.KindMessage, 1, "19 09:02")}, 0, 1)
	want := []chatAuthor{{"You", false}, {"You", true}}
	if diff := cmp.Diff(want, rows[0].chat.authors, cmp.AllowUnexported(chatAuthor{})); diff != "" {
		t.Errorf("the authors of the row (-want +got):\n%s", diff)
	}
}

func TestSuccessiveChatMessagesAreOneRow(t *testing.T) {
	t.Parallel()
	entries := []desk.Event{
		entryOf(2, event.KindComment, 2, "19 09:00"),
		entryOf(3, event.KindMessage, 2, "19 09:01"),
		entryOf(4, event.KindMessage, 1, "19 09:02"),
		entryOf(5, event.KindMessage, 2, "19 09:03"),
		entryOf(6, event.KindStatus, 2, "19 09:04"),
		entryOf(7, event.KindMessage, 3, "19 09:05"),
	}
	var got []*chatRun
	for _, item := range timelineItems(entries, 0, 1) {
		got = append(got, item.chat)
	}
	want := []*chatRun{nil, {[]chatAuthor{{"Priya Nair", false}, {"You", true}}, 3, entries[3].CreatedAt}, nil, {[]chatAuthor{{"Tom Becker", false}}, 1, entries[5].CreatedAt}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(chatRun{}, chatAuthor{})); diff != "" {
		t.Errorf("the runs of the rows (-want +got):\n%s", diff)
	}
}

func TestTheReadersOwnMessagesContinueARunThatIsRead(t *testing.T) {
	t.Parallel()
	items := timelineItems([]desk.Event{
		entryOf(2, event.KindMessage, 2, "19 09:00"),
		entryOf(3, event.KindMessage, 1, "19 09:01"),
		entryOf(4, event.KindMessage, 2, "19 09:02"),
		entryOf(5, event.KindMessage, 1, "19 09:03"),
		entryOf(6, event.KindMessage, 2, "19 09:04"),
	}, 2, 1)
	var got [][2]int // the messages of a row, and the number in its mark
	for _, item := range items {
		got = append(got, [2]int{item.chat.count, item.fresh})
	}
	if diff := cmp.Diff([][2]int{{2, 0}, {3, 2}}, got); diff != "" {
		t.Errorf("the rows (-want +got):\n%s", diff)
	}
}

func TestTheNewMarkIsAboveTheFirstNewRowOfAnotherUser(t *testing.T) {
	t.Parallel()
	entries := []desk.Event{
		entryOf(2, event.KindMessage, 2, "19 09:00"),
		entryOf(3, event.KindMessage, 2, "19 09:01"),
		entryOf(4, event.KindComment, 1, "19 09:02"),
		entryOf(5, event.KindMessage, 1, "19 09:03"),
		entryOf(6, event.KindComment, 2, "19 09:04"),
		entryOf(7, event.KindStatus, 2, "19 09:05"),
	}
	marks := func(since, reader int64) []int {
		var out []int
		for _, item := range timelineItems(entries, since, reader) {
			out = append(out, item.fresh)
		}
		return out
	}
	for name, c := range map[string]struct {
		since, reader int64
		want          []int
	}{
		"never here":                      {0, 1, []int{0, 0, 0, 0, 0}},
		"in the middle of a run":          {2, 1, []int{0, 3, 0, 0, 0, 0}},
		"one's own lines are not new":     {3, 1, []int{0, 0, 0, 2, 0}},
		"the other side":                  {3, 2, []int{0, 2, 0, 0, 0}},
		"all read":                        {7, 1, []int{0, 0, 0, 0, 0}},
		"another user reads all of these": {1, 3, []int{6, 0, 0, 0, 0}},
	} {
		if diff := cmp.Diff(c.want, marks(c.since, c.reader)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestTheChatGroupsMessagesByDayAndAuthor(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 3600)
	days := chatDays([]desk.Event{
		entryOf(2, event.KindMessage, 2, "19 22:58"),
		entryOf(3, event.KindComment, 2, "19 22:59"),
		entryOf(4, event.KindMessage, 2, "19 22:59"),
		entryOf(5, event.KindMessage, 2, "19 23:01"),
		entryOf(6, event.KindMessage, 2, "19 23:20"),
		entryOf(7, event.KindMessage, 1, "19 23:21"),
	}, 1, zone)
	var got [][]bool
	for _, d := range days {
		var next []bool
		for _, l := range d.messages {
			next = append(next, l.isContinued)
		}
		got = append(got, next)
	}
	if diff := cmp.Diff([][]bool{{false, true}, {false, false, false}}, got); diff != "" {
		t.Fatal(diff)
	}
	if !days[1].messages[2].isMine {
		t.Error("the last message of the second day is not one of the user")
	}
	if days[0].messages[0].isMine {
		t.Error("the first message is one of the user")
	}
}

func TestNamesAreJoinedWithCommasAndAnd(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{"": nil, "Ana": {"Ana"}, "Ana and Tom": {"Ana", "Tom"}, "A, B and C": {"A", "B", "C"}} {
		if got := ui.JoinNames(names); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
