package ticketquery

import (
	"testing"
	"time"

	"frontdesk/db"
	"frontdesk/internal/search"
)

func BenchmarkCursorEncode(b *testing.B) {
	c := cursor{sort: SortUrgent, at: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC), id: 123_456, priority: db.TicketPriorityHigh}
	b.ReportAllocs()
	for b.Loop() {
		_ = c.encode()
	}
}

func BenchmarkCursorDecode(b *testing.B) {
	text := cursor{sort: SortUrgent, at: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC), id: 123_456, priority: db.TicketPriorityHigh}.encode()
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := parseCursor(text, SortUrgent); !ok {
			b.Fatal("not read back")
		}
	}
}

func BenchmarkSearchQuery(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		q := search.Clean("  Brake squeaks, E-14 (Ljubljana) ana@example.org ")
		_, _ = tsquery(q), likePattern(q)
	}
}
