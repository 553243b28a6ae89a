package views_test

import (
	"context"
	"io"
	"testing"
	"time"

	"frontdesk/internal/desk"
	"frontdesk/views"
)

func BenchmarkTicketList(b *testing.B) {
	page := views.TicketsPage{}
	page.List.Counts = map[desk.Status]int{desk.StatusOpen: 50}
	page.List.Filter.Sort = desk.SortUpdated
	now := time.Now()
	for i := range int64(desk.PageSize) {
		page.List.Rows = append(page.List.Rows, desk.TicketRow{ID: 1000 + i, Subject: "The brake squeaks <again> in the rain", Category: "Technical",
			Priority: desk.Priorities()[i%4], Status: desk.Statuses()[i%4], CommentCount: 4, UpdatedAt: now.Add(-time.Duration(i) * 7 * time.Hour)})
	}
	ctx := views.WithFrame(context.Background(), views.Frame{Actor: desk.Actor{ID: 1, Username: "Ana Kovač", Role: desk.RoleCustomer}, DeskName: "Frontdesk", Now: now, Location: time.UTC})
	b.ReportAllocs()
	for b.Loop() {
		if err := views.Tickets(page).Render(ctx, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
