package views_test

import (
	"context"
	"io"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/listing"
	"frontdesk/internal/ticketquery"
	"frontdesk/views"
	"frontdesk/views/ui"
)

func BenchmarkTicketList(b *testing.B) {
	page := views.TicketsPage{}
	page.List.Counts = map[desk.Status]int{desk.StatusOpen: 50}
	page.List.Filter.Sort = ticketquery.SortUpdated
	now := time.Now()
	for i := range int64(listing.PageSize) {
		page.List.Rows = append(page.List.Rows, ticketquery.Row{ID: 1000 + i, Subject: "The brake squeaks <again> in the rain", Category: "Technical",
			Priority: desk.Priorities()[i%4], Status: desk.Statuses()[i%4], CommentCount: 4, UpdatedAt: now.Add(-time.Duration(i) * 7 * time.Hour)})
	}
	ctx := ui.WithFrame(context.Background(), ui.Frame{Actor: account.Actor{ID: 1, Username: "Ana Kovač", Role: account.RoleCustomer}, DeskName: "Frontdesk", Now: now, Location: time.UTC})
	b.ReportAllocs()
	for b.Loop() {
		if err := views.Tickets(page).Render(ctx, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTicketPage(b *testing.B) {
	now := time.Now()
	page := &views.TicketPage{MaxUpload: 10 << 20}
	page.Timeline.Ticket = desk.Ticket{ID: 1042, RequesterID: 1, RequesterName: "Ana Kovač", Subject: "The brake squeaks", Description: "It began this morning.",
		Category: "Technical", Priority: desk.PriorityHigh, Status: desk.StatusOpen, LastSeq: 20, CreatedAt: now.Add(-90 * time.Hour), UpdatedAt: now.Add(-time.Hour)}
	for i := range int64(20) {
		page.Timeline.Entries = append(page.Timeline.Entries, desk.Event{Seq: i + 2, Kind: event.KindComment, AuthorID: 1 + i%2, Author: "Priya Nair",
			AuthorRole: account.RoleAdmin, Body: "Good morning, and thank you: the scan made it easy.\n\nWe look into it.", CreatedAt: now.Add(time.Duration(i-80) * time.Hour)})
	}
	ctx := ui.WithFrame(context.Background(), ui.Frame{Actor: account.Actor{ID: 1, Username: "Ana Kovač", Role: account.RoleCustomer}, DeskName: "Frontdesk", Now: now, Location: time.UTC})
	b.ReportAllocs()
	for b.Loop() {
		if err := views.Ticket(page).Render(ctx, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkQueue(b *testing.B) {
	page := views.QueuePage{Filter: ticketquery.Filter{Status: ticketquery.FilterActive, Sort: ticketquery.SortWaiting}}
	now := time.Now()
	for i := range int64(listing.PageSize) {
		page.List.Rows = append(page.List.Rows, ticketquery.Row{ID: 1000 + i, Subject: "The brake squeaks <again> in the rain", Category: "Technical", RequesterID: 7, RequesterName: "Ana Kovač",
			AssigneeID: i % 3, Assignee: "Tom Hale", Priority: desk.Priorities()[i%4], Status: desk.Statuses()[i%4], CommentCount: 4, WaitingSince: &now, UpdatedAt: now.Add(-time.Duration(i) * 7 * time.Hour)})
	}
	ctx := ui.WithFrame(context.Background(), ui.Frame{Actor: account.Actor{ID: 1, Username: "Priya Nair", Role: account.RoleAdmin}, DeskName: "Frontdesk", Now: now, Location: time.UTC})
	b.ReportAllocs()
	for b.Loop() {
		if err := views.Queue(page).Render(ctx, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkChatMessage(b *testing.B) {
	now := time.Now()
	message := func(seq int64) desk.Event {
		return desk.Event{Seq: seq, Kind: event.KindMessage, AuthorID: 1 + seq%2, Author: "Priya Nair", AuthorRole: account.RoleAdmin, Body: "a line of chat, as long as most", CreatedAt: now}
	}
	page := views.UpdatesPage{TicketID: 1042, Updates: desk.Updates{From: 20, To: 21, Previous: message(20), Entries: []desk.Event{message(21)}}}
	ctx := ui.WithFrame(context.Background(), ui.Frame{Actor: account.Actor{ID: 1, Username: "Ana Kovač", Role: account.RoleCustomer}, DeskName: "Frontdesk", Now: now, Location: time.UTC})
	b.ReportAllocs()
	for b.Loop() {
		if err := views.TicketUpdates(page).Render(ctx, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
