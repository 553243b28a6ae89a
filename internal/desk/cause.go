package desk

import "frontdesk/db"

// Cause returns the fault that an error of a verb stands for if the database failed, or
// nil. See [db.Cause].
func Cause(err error) error { return db.Cause(err) }
