package desk

import (
	"context"
	"fmt"
)

// unregister ends the queueing of events.
func (m *Mail) unregister(ctx context.Context) error {
	if err := m.q.UnregisterMail(ctx); err != nil {
		return fmt.Errorf("unregister the consumer of mail: %w", err)
	}
	return nil
}
