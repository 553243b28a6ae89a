package api

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/listing"
	"frontdesk/internal/ticketquery"
)

// BenchmarkTicketsJSON writes 100 tickets as JSON: as a page of a list, and as part of a
// whole list.
func BenchmarkTicketsJSON(b *testing.B) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	reader := account.Actor{ID: 7, Role: account.RoleCustomer}
	entries := func(_ int, to listing.Visitor[listed]) error {
		for i := range int64(100) {
			t := ticketquery.FullTicket{ID: 1000 - i, Subject: "The brake squeaks <again> in the rain", Description: "It began this morning, on the way to work, and does not stop.\n\nAna",
				Category: "Technical", Priority: desk.PriorityHigh, Status: desk.StatusOpen, RequesterID: 7, RequesterName: "Ana Kovač",
				RequesterEmail: "ana@example.org", CreatedAt: now, UpdatedAt: now, Version: 3, Attachment: "abcdefghijklmnopqrstuvwxyz"}
			if err := to.Entry(listed{web.NewJSONTicket(t, reader), ""}); err != nil {
				return err
			}
		}
		return to.EndBatch()
	}
	for name, limit := range map[string]int{"page": 100, "whole": 0} {
		b.Run(name, func(b *testing.B) {
			e := echo.New()
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				c := e.NewContext(httptest.NewRequest(http.MethodGet, "/api/tickets", nil), w)
				if err := (&core{}).answerList(c, limit, entries); err != nil || w.Code != http.StatusOK {
					b.Fatal(w.Code, err)
				}
			}
		})
	}
}
