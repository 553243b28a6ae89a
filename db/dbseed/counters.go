package dbseed

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// counters has the counts of the dashboard, which triggers keep otherwise.
type counters struct {
	mu      sync.Mutex
	tickets map[bin]int64
	hours   map[time.Time][2]int64 // opened, resolved
}

// bin is the key by which tickets are counted.
type bin struct {
	status, priority string
	category         int64
}

func (c *counters) hour(at time.Time, column int) {
	h := at.Truncate(time.Hour)
	both := c.hours[h]
	both[column]++
	c.hours[h] = both
}

func (c *counters) add(m *maker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for b, n := range m.counters.tickets {
		c.tickets[b] += n
	}
	for h, n := range m.hours {
		both := c.hours[h]
		c.hours[h] = [2]int64{both[0] + n[0], both[1] + n[1]}
	}
}

func (c *counters) copyTo(ctx context.Context, conn *pgx.Conn) error {
	var counts, hours [][]any
	for b, n := range c.tickets {
		counts = append(counts, []any{b.status, b.priority, b.category, int16(0), n})
	}
	for h, both := range c.hours {
		hours = append(hours, []any{h, int16(0), both[0], both[1]})
	}
	if err := copyRows(ctx, conn, "ticket_counts", counts, "status", "priority", "category_id", "shard", "n"); err != nil {
		return err
	}
	return copyRows(ctx, conn, "ticket_hours", hours, "hour", "shard", "opened", "resolved")
}
