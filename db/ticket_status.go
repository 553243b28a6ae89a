package db

// IsActive reports whether tickets with the status are in the queue: they are open or in progress.
// The others are finished: resolved or closed. Queries write the same as status in ('OPEN', 'IN_PROGRESS'),
// so that they use the indexes with this condition.
func (e TicketStatus) IsActive() bool { return e == TicketStatusOPEN || e == TicketStatusINPROGRESS }
