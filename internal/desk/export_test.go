package desk

import (
	"context"
	"testing"
	"time"
)

// SetKeyLockTime changes how long a request holds its key without renewing it.
func (s *Requests) SetKeyLockTime(t time.Duration) { s.keyLockTime = t }

// SetFirstReplyAssigns changes the setting of that name. Tests that count the entries of a log turn
// it off.
func (d *Desk) SetFirstReplyAssigns(t testing.TB, on bool) {
	t.Helper()
	_, err := d.pool.Exec(context.Background(), `update settings set values = values || jsonb_build_object('firstReplyAssigns', $1::boolean)`, on)
	if err == nil {
		err = d.Settings.Load(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
}
