package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// notes writes a note by the actor and returns its seq.
func (h deskWithOutbox) notes(by account.Actor, ticket int64, text string) int64 {
	h.t.Helper()
	n, err := h.Notes.Add(h.t.Context(), by, ticket, desk.NoteInput{Text: text})
	if err != nil {
		h.t.Fatal(err)
	}
	return n.Seq
}

// follows sets whether a user follows a ticket.
func (h deskWithOutbox) follows(who account.Actor, ticket int64, follow string) {
	h.t.Helper()
	if err := h.Followers.Set(h.t.Context(), who, ticket, desk.FollowInput{Follow: follow}); err != nil {
		h.t.Fatal(err)
	}
}

// wantFollower fails the test unless the user is the only follower of a ticket, for this reason.
func (h deskWithOutbox) wantFollower(seenBy account.Actor, ticket int64, who account.Actor, reason string) {
	h.t.Helper()
	all, err := h.Followers.List(h.t.Context(), seenBy, ticket)
	if err != nil {
		h.t.Fatal(err)
	}
	want := []desk.Follower{{ID: who.ID, Username: who.Username, Role: who.Role, Reason: reason}}
	if diff := cmp.Diff(want, all); diff != "" {
		h.t.Errorf("the followers (-want +got):\n%s", diff)
	}
}

func TestFollowersAreToldOfAnswersAndNotesOfOthers(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya, tom := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin), h.person("tom", account.RoleAgent)
	ticket := h.opens(ana, invoice()).ID
	h.comments(priya, ticket)
	h.follows(tom, ticket, "yes")
	h.deliver()
	for _, who := range []account.Actor{priya, tom, ana} {
		h.opensPage(who, ticket)
	}
	h.comments(ana, ticket)
	h.comments(priya, ticket)
	h.notes(priya, ticket, "Look.")
	if _, err := h.Tickets.SetStatus(t.Context(), priya, ticket, desk.StatusInput{Status: "RESOLVED"}); err != nil {
		t.Fatal(err)
	}
	h.deliver()
	h.wantNotifications(tom, fmt.Sprintf("*#%d note 3-5 (3)", ticket))
	h.wantNotifications(ana, fmt.Sprintf("*#%d comment 4-6 (2)", ticket))
	h.wantNotifications(priya, fmt.Sprintf("*#%d comment 3-3 (1)", ticket))
	h.opensPage(tom, ticket)
	h.notes(tom, ticket, "Done.")
	h.deliver()
	h.wantNotifications(tom, fmt.Sprintf("#%d note 3-5 (3)", ticket)) // not of their own note
}

func TestAMentionFollowsAndNotifies(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya, tom := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin), h.person("tom", account.RoleAgent)
	ticket := h.opens(ana, invoice()).ID
	h.comments(priya, ticket)
	h.deliver()
	h.opensPage(tom, ticket)
	h.opensPage(ana, ticket)
	h.follows(tom, ticket, "no")
	h.comments(ana, ticket)
	h.notes(priya, ticket, "@tom and @ana: look.")
	h.deliver()
	h.wantNotifications(tom, fmt.Sprintf("*#%d note 3-4 (2)", ticket))
	list, err := h.Notifications.List(t.Context(), tom, 0, 0)
	if err != nil || !list.Rows[0].Mentioned {
		t.Errorf("the notification is %+v, %v; want one of a mention", list.Rows, err)
	}
	h.wantNotifications(ana, fmt.Sprintf("#%d comment 2-2 (1)", ticket))
	h.wantFollower(priya, ticket, tom, "mentioned")
}

func TestUnfollowingEndsNotifications(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya, tom := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin), h.person("tom", account.RoleAgent)
	ticket := h.opens(ana, invoice()).ID
	h.comments(priya, ticket)
	h.comments(tom, ticket)
	h.deliver()
	h.opensPage(tom, ticket)
	h.follows(tom, ticket, "yes")
	h.follows(tom, ticket, "no")
	h.comments(ana, ticket)
	h.notes(priya, ticket, "Look.")
	h.deliver()
	h.wantNotifications(tom, fmt.Sprintf("#%d opened 1-1 (1)", ticket))
	all, err := h.Followers.List(t.Context(), tom, ticket)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 {
		t.Fatalf("got %d elements, want 1: %+v", len(all), all)
	}
	if !all[0].Muted {
		t.Error("muted is false, want true")
	}
	if all, err := h.Followers.List(t.Context(), priya, ticket); err != nil || len(all) != 0 {
		t.Errorf("a colleague sees the followers %+v, %v; want none", all, err)
	}
}

func TestANoteDoesNotChangeWhoIsToldOfTheRequestersAnswers(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya, tom := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin), h.person("tom", account.RoleAgent)
	ticket := h.opens(ana, invoice()).ID
	h.notes(priya, ticket, "I am looking at it.")
	h.deliver()
	h.opensPage(tom, ticket)
	h.comments(ana, ticket)
	h.deliver()
	h.wantNotifications(tom, fmt.Sprintf("*#%d comment 3-3 (1)", ticket))
}

func TestOnlyStaffSeeAndSetFollowers(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, ben, priya := h.person("ana", account.RoleCustomer), h.person("ben", account.RoleCustomer), h.person("priya", account.RoleAdmin)
	ticket, own := h.opens(ana, invoice()).ID, h.opens(priya, invoice()).ID
	for _, c := range []struct {
		who    account.Actor
		ticket int64
		want   error
	}{{ana, ticket, fault.ErrForbidden}, {ben, ticket, fault.ErrNotFound}, {priya, own, fault.ErrForbidden}} {
		if _, err := h.Followers.List(t.Context(), c.who, c.ticket); !errors.Is(err, c.want) {
			t.Errorf("%s lists: %v, want %v", c.who.Username, err, c.want)
		}
		if err := h.Followers.Set(t.Context(), c.who, c.ticket, desk.FollowInput{Follow: "yes"}); !errors.Is(err, c.want) {
			t.Errorf("%s follows: %v, want %v", c.who.Username, err, c.want)
		}
	}
	if n := h.number("select count(*) from followers"); n != 0 {
		t.Errorf("%d followers, want none", n)
	}
}

func TestOnlyStaffWhoMayReadATicketAreMentionedAndFollowIt(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin)
	inside, outside := h.person("inside", account.RoleAgent), h.person("outside", account.RoleAgent)
	ticket := h.opens(ana, invoice()).ID
	h.follows(outside, ticket, "yes")
	h.deliver()
	h.opensPage(outside, ticket)
	team := h.number("insert into teams (name, name_key, private) values ('Legal', 'legal', true) returning id")
	h.exec("insert into team_members (team_id, user_id) values ($1, $2)", team, inside.ID)
	h.exec("update tickets set team_id = $1 where id = $2", team, ticket)
	n, err := h.Notes.Add(t.Context(), priya, ticket, desk.NoteInput{Text: "@inside and @outside"})
	if err != nil {
		t.Fatal(err)
	}
	m := n.Note().Mentions
	if len(m) != 1 {
		t.Fatalf("got %d elements, want 1: %+v", len(m), m)
	}
	if m[0].ID != inside.ID {
		t.Errorf("the ID is %d, want %d", m[0].ID, inside.ID)
	}
	if len(n.Unmentioned) != 1 {
		t.Errorf("got %d elements, want 1: %+v", len(n.Unmentioned), n.Unmentioned)
	}
	h.deliver()
	if n := h.number("select count(*) from notifications where user_id = $1 and kind = 'note'", outside.ID); n != 0 {
		t.Errorf("a follower outside the private team got %d notifications of the note, want 0", n)
	}
	h.wantNotifications(inside, fmt.Sprintf("*#%d note 1-2 (2)", ticket))
	all, err := h.Followers.List(t.Context(), priya, ticket)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 {
		t.Fatalf("got %d followers, want only the member of the private team: %+v", len(all), all)
	}
	if all[0].ID != inside.ID {
		t.Errorf("the follower is %d, want the member of the private team %d", all[0].ID, inside.ID)
	}
	if err := h.Followers.Set(t.Context(), outside, ticket, desk.FollowInput{Follow: "yes"}); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("following from outside: %v, want %v", err, fault.ErrNotFound)
	}
}

func TestTheEditorOfNotesOffersColleaguesWhoMayReadTheTicket(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin)
	tom, tomas, outside := h.person("tom", account.RoleAgent), h.person("tomas", account.RoleAgent), h.person("outside", account.RoleAgent)
	for name, who := range map[string]account.Actor{"Tom Becker": tom, "Tomás Nowak": tomas, "Tom Outside": outside, "Tomek Customer": ana} {
		h.exec("update users set username = $1 where id = $2", name, who.ID)
	}
	ticket, own := h.opens(ana, invoice()).ID, h.opens(priya, invoice()).ID
	team := h.number("insert into teams (name, name_key, private) values ('Legal', 'legal', true) returning id")
	h.exec("insert into team_members (team_id, user_id) values ($1, $2), ($1, $3)", team, tom.ID, tomas.ID)
	h.exec("update tickets set team_id = $1 where id = $2", team, ticket)
	texts := func(who account.Actor, beginning string) (all []string) {
		t.Helper()
		found, err := h.Notes.SuggestMentions(t.Context(), who, ticket, beginning)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			all = append(all, f.Text)
		}
		return all
	}
	for beginning, want := range map[string]string{"tom": "[Tom Becker Tomás Nowak]", "TOMAS": "[Tomás Nowak]", "beck": "[Tom Becker]", "om": "[]", "": "[]", "priya": "[]", "%": "[]"} {
		if got := fmt.Sprint(texts(priya, beginning)); got != want {
			t.Errorf("%q: got %s, want %s", beginning, got, want)
		}
	}
	if got := fmt.Sprint(texts(tom, "tom")); got != "[Tomás Nowak]" {
		t.Errorf("the editor offers Tom %s, want only the colleague", got)
	}
	for name, want := range map[string]string{"Tomás (Nowak)": "Tomás (Nowak)", "(Tomás) Nowak": tomas.Email, "Tomás a b c d e f g h i j k Nowak": tomas.Email} {
		h.exec("update users set username = $1 where id = $2", name, tomas.ID)
		if got := texts(priya, name[:4]); !slices.Contains(got, want) {
			t.Errorf("%s: the editor offers %v, want %s", name, got, want)
		}
	}
	h.exec("update users set username = 'Tom Becker' where id = $1", tomas.ID)
	got, want := len(texts(priya, "tom becker")), 2
	if got != want {
		t.Errorf("got %d colleagues of the same name, want %d", got, want)
	}
	if got := texts(priya, "tom")[0]; got == "Tom Becker" {
		t.Errorf(`the first colleague is %q, want another value`, got)
	}
	for _, c := range []struct {
		who    account.Actor
		ticket int64
		want   error
	}{{ana, ticket, fault.ErrForbidden}, {outside, ticket, fault.ErrNotFound}, {priya, own, fault.ErrForbidden}} {
		if _, err := h.Notes.SuggestMentions(t.Context(), c.who, c.ticket, "tom"); !errors.Is(err, c.want) {
			t.Errorf("%s asks for colleagues: %v, want %v", c.who.Username, err, c.want)
		}
	}
}
