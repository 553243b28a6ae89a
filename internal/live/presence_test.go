package live

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestPresenceOfManyUsersFitsIntoBusMessages(t *testing.T) {
	t.Parallel()
	p := NewPresence(strings.Repeat("R", 26), slog.New(slog.DiscardHandler), func(context.Context, string) {}, func(string) {})
	const crowd = 500
	for i := range int64(crowd) {
		p.Enter(fmt.Sprint("ticket/", i), Person{ID: i, Name: strings.Repeat("<", 100)})
	}
	included := map[int64]bool{}
	for _, m := range p.messages() {
		if len(m) >= 8000 {
			t.Fatalf("a message has %d bytes; PostgreSQL accepts less than 8,000", len(m))
		}
		var got message
		if err := json.Unmarshal([]byte(m), &got); err != nil {
			t.Fatal(err)
		}
		for _, c := range got.Changes {
			included[c.ID] = true
		}
	}
	if len(included) != crowd {
		t.Errorf("%d of %d users are in the messages", len(included), crowd)
	}
	if left := p.messages(); left != nil {
		t.Errorf("%q is sent again", left)
	}
}

func TestANameIsNotCutInsideACharacter(t *testing.T) {
	t.Parallel()
	p := NewPresence("r", slog.New(slog.DiscardHandler), func(context.Context, string) {}, func(string) {})
	p.Enter("ticket/1", Person{ID: 1, Name: "A" + strings.Repeat("é", 99)})
	p.Enter("ticket/1", Person{ID: 2, Name: "Александра Константинопольская"})
	for _, m := range p.messages() {
		p.Receive(m)
	}
	for i, want := range []string{"A" + strings.Repeat("é", 49) + "…", "Александра Константинопольская"} {
		if got := p.People("ticket/1")[i].Name; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTypingEndsWithTheMessage(t *testing.T) {
	t.Parallel()
	const topic = "ticket/1"
	for _, published := range []bool{true, false} {
		p := NewPresence("r", slog.New(slog.DiscardHandler), func(context.Context, string) {}, func(string) {})
		publish := func() {
			for _, m := range p.messages() {
				p.Receive(m)
			}
		}
		p.Enter(topic, Person{ID: 1, Name: "Ana"})
		publish()
		p.Update(topic, 1, func(who *Person) { who.Writing = "chat" })
		if published {
			publish()
			if got := p.People(topic)[0].Writing; got != "chat" {
				t.Errorf("before the message Ana types in %q, want chat", got)
			}
		}
		p.StopWriting(topic, 1)
		publish()
		got := p.People(topic)
		if len(got) != 1 {
			t.Fatalf("after the message, with typing published before %t: got %d users, want 1: %+v", published, len(got), got)
		}
		if got[0].Writing != "" {
			t.Errorf(`after the message, with typing published before %t: writing is %q, want ""`, published, got[0].Writing)
		}
	}
}

func TestAUserWhoSendsAtOnceIsPresent(t *testing.T) {
	t.Parallel()
	p := NewPresence("r", slog.New(slog.DiscardHandler), func(context.Context, string) {}, func(string) {})
	p.Enter("ticket/1", Person{ID: 1, Name: "Ana"})
	p.StopWriting("ticket/1", 1)
	for _, m := range p.messages() {
		p.Receive(m)
	}
	if got := p.People("ticket/1"); len(got) != 1 {
		t.Errorf("present are %+v, want Ana", got)
	}
}

// The page of the sender reports that it has shown the message 1 ms after it was sent.
func TestTypingEndsWhenTheSenderSeesTheirMessage(t *testing.T) {
	t.Parallel()
	const topic = "ticket/1"
	p := NewPresence("r", slog.New(slog.DiscardHandler), func(context.Context, string) {}, func(string) {})
	publish := func() {
		for _, m := range p.messages() {
			p.Receive(m)
		}
	}
	p.Enter(topic, Person{ID: 1, Name: "Ana"})
	p.Update(topic, 1, func(who *Person) { who.Writing = "chat" })
	publish()
	p.StopWriting(topic, 1)
	p.Update(topic, 1, func(who *Person) { who.Seen = 7 })
	publish()
	got := p.People(topic)
	if len(got) != 1 {
		t.Fatalf("got %d elements, want 1: %+v", len(got), got)
	}
	if got[0].Writing != "" {
		t.Errorf(`writing is %q, want ""`, got[0].Writing)
	}
	if got[0].Seen != 7 {
		t.Errorf("seen is %d, want 7", got[0].Seen)
	}
	p.Update(topic, 1, func(who *Person) { who.Writing = "chat" })
	publish()
	if got := p.People(topic)[0].Writing; got != "chat" {
		t.Errorf("after the next key Ana types in %q, want chat", got)
	}
}

// Ana types on one replica. Her message and her next page go to another replica.
func TestTypingEndsWhenTheSenderOpensAnotherPage(t *testing.T) {
	t.Parallel()
	const topic = "ticket/1"
	start := func(name string) *Presence {
		return NewPresence(name, slog.New(slog.DiscardHandler), func(context.Context, string) {}, func(string) {})
	}
	one, two := start("one"), start("two")
	publish := func(from *Presence) {
		for _, m := range from.messages() {
			one.Receive(m)
			two.Receive(m)
		}
	}
	ana := Person{ID: 1, Name: "Ana"}
	one.Enter(topic, ana)
	one.Update(topic, 1, func(who *Person) { who.Writing = "chat" })
	publish(one)
	two.StopWriting(topic, 1)
	two.Enter(topic, ana)
	publish(two)
	got := one.People(topic)
	if len(got) != 1 {
		t.Fatalf("got %d elements, want 1: %+v", len(got), got)
	}
	if got[0].Writing != "" {
		t.Errorf(`writing is %q, want ""`, got[0].Writing)
	}
}

// The requester is shown the chat only, and must not notice that a note is written.
func TestANoteLeavesTheTypingInTheChatAsItIs(t *testing.T) {
	t.Parallel()
	const topic = "ticket/1"
	p := NewPresence("r", slog.New(slog.DiscardHandler), func(context.Context, string) {}, func(string) {})
	publish := func() {
		for _, m := range p.messages() {
			p.Receive(m)
		}
	}
	shows := func(when, writing string, noting bool) {
		t.Helper()
		publish()
		got := p.People(topic)
		if len(got) != 1 {
			t.Fatalf("%s: got %d elements, want 1: %+v", when, len(got), got)
		}
		if got[0].Writing != writing {
			t.Errorf("%s: writing is %q, want %q", when, got[0].Writing, writing)
		}
		if got[0].Noting != noting {
			t.Errorf("%s: noting is %t, want %t", when, got[0].Noting, noting)
		}
	}
	chat, note := func(who *Person) { who.Writing = "chat" }, func(who *Person) { who.Noting = true }
	p.Enter(topic, Person{ID: 1, Name: "Ana"})
	p.Update(topic, 1, chat)
	p.Update(topic, 1, note)
	shows("both before one message", "chat", true)
	ends := p.topics[topic][1].writing
	p.Update(topic, 1, note)
	shows("the next key in the note", "chat", true)
	if !p.topics[topic][1].writing.Equal(ends) {
		t.Error("the note changes when the typing in the chat ends")
	}
	p.StopNoting(topic, 1)
	shows("the note is stored", "chat", false)
	p.Update(topic, 1, note)
	shows("another note", "chat", true)
	p.StopWriting(topic, 1)
	p.StopNoting(topic, 1)
	shows("the message and the note are stored", "", false)
	p.Update(topic, 1, note)
	p.StopWriting(topic, 1)
	shows("the message is stored before the note", "", true)
}

func TestANoteOfAUserWhoLeavesDoesNotKeepThemPresent(t *testing.T) {
	t.Parallel()
	p := NewPresence("r", slog.New(slog.DiscardHandler), func(context.Context, string) {}, func(string) {})
	leave := p.Enter("ticket/1", Person{ID: 1, Name: "Ana"})
	for _, m := range p.messages() {
		p.Receive(m)
	}
	leave()
	p.StopNoting("ticket/1", 1)
	messages := p.messages()
	if len(messages) != 1 {
		t.Fatalf("got %d messages, want 1: %q", len(messages), messages)
	}
	if strings.Contains(messages[0], `"nd"`) {
		t.Errorf("messages[0] is %q, want it without %q", messages[0], `"nd"`)
	}
	if !strings.Contains(messages[0], `"g":true`) {
		t.Errorf("messages[0] is %q, want it with %q", messages[0], `"g":true`)
	}
}
