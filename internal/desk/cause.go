package desk

import "frontdesk/db"

// Cause returns the fault for an error that was caused by a failure of the database, or
// nil for other errors. See [db.Cause].
func Cause(err error) error { return db.Cause(err) }
