package desk_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

func TestAPartialEditWithoutAVersionKeepsWhatOthersChangedAtTheSameTime(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana, admin := h.person("ana", account.RoleCustomer), h.person("ad", account.RoleAdmin)
	was := h.opens(ana, anInput("k"))
	var together sync.WaitGroup
	for range 10 {
		for _, edit := range []struct {
			by  account.Actor
			set func(*desk.TicketInput)
		}{
			{ana, func(in *desk.TicketInput) { in.Subject = "Dark" }},
			{admin, func(in *desk.TicketInput) { in.Priority = "Urgent" }},
		} {
			together.Go(func() {
				if _, err := h.Tickets.Update(t.Context(), edit.by, was.ID, desk.PartialEdit{Fields: edit.set}); err != nil {
					t.Errorf("got %v, want no error", err)
				}
			})
		}
	}
	together.Wait()
	got, err := h.Tickets.Get(t.Context(), ana, was.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Subject != "Dark" {
		t.Errorf("got the subject %q, want the customer's", got.Subject)
	}
	if got.Priority != desk.PriorityUrgent {
		t.Errorf("got the priority %q, want the admin's", got.Priority)
	}
	if got.Description != was.Description {
		t.Errorf("got the description %q, want %q, which was not changed", got.Description, was.Description)
	}
	if kinds := h.kinds(was.ID); kinds != "opened field:subject field:priority" && kinds != "opened field:priority field:subject" {
		t.Errorf("got the entries %s, want one for each change", kinds)
	}
}

func TestAPartialEditOfAnOldVersionIsStale(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana := h.person("ana", account.RoleCustomer)
	was := h.opens(ana, anInput("k"))
	set := func(in *desk.TicketInput) { in.Subject = fmt.Sprint("Version ", was.Version+1) }
	if _, err := h.Tickets.Update(t.Context(), ana, was.ID, desk.PartialEdit{Fields: set, Version: int(was.Version)}); err != nil {
		t.Fatal(err)
	}
	_, err := h.Tickets.Update(t.Context(), ana, was.ID, desk.PartialEdit{Fields: func(in *desk.TicketInput) { in.Subject = "Mine" }, Version: int(was.Version)})
	var stale *desk.Stale
	if !errors.As(err, &stale) {
		t.Fatalf("got %v, want a stale edit", err)
	}
	if got, want := stale.Current.Subject, fmt.Sprint("Version ", was.Version+1); got != want {
		t.Errorf("got the current subject %q, want %q", got, want)
	}
}

func TestAPartialEditReplacesOrRemovesTheFile(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana, boris := h.person("ana", account.RoleCustomer), h.person("boris", account.RoleCustomer)
	h.stages(ana, "k", "old.txt", "old")
	was := h.opens(ana, anInput("k"))
	file := func() string {
		t.Helper()
		full, err := h.Lists.Full(t.Context(), ana, was.ID)
		if err != nil {
			t.Fatal(err)
		}
		return full.Attachment
	}
	fresh := h.stages(ana, "new", "new.txt", "new")
	if _, err := h.Tickets.Update(t.Context(), ana, was.ID, desk.PartialEdit{SubmissionID: "new"}); err != nil {
		t.Fatal(err)
	}
	if got := file(); got != fresh.Name {
		t.Errorf("got the file %q, want the new one, %q", got, fresh.Name)
	}
	if _, err := h.Tickets.Update(t.Context(), boris, was.ID, desk.PartialEdit{RemoveFile: true}); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("another customer: got %v, want %v", err, fault.ErrNotFound)
	}
	got, err := h.Tickets.Update(t.Context(), ana, was.ID, desk.PartialEdit{RemoveFile: true})
	if err != nil {
		t.Fatal(err)
	}
	if got.FileCount != 0 {
		t.Errorf("got %d files, want 0", got.FileCount)
	}
}
