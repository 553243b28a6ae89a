package main

// mode is how a command uses the desk.
type mode int

const (
	serving       mode = iota // serve
	demonstrating             // demo: the data may be lost in a crash
	migrating                 // migrate
	making                    // commands that change a desk, and make one if there is none
	changing                  // commands that use an existing desk
	reading                   // commands that use an existing desk, and do not migrate it
	restoring                 // restore: the desk is empty, and its restore may have been interrupted
)

// joins reports whether the embedded database of another process is used if one is running on
// the same data folder.
func (m mode) joins() bool { return m != serving && m != demonstrating }

// upgrades reports whether the embedded database is moved to a newer PostgreSQL.
func (m mode) upgrades() bool { return m == serving || m == migrating }

// opensDesk reports whether the schema is migrated and the desk is opened.
func (m mode) opensDesk() bool { return m != reading && m != restoring }

// needsDesk reports whether it is an error if the data folder has no embedded database.
func (m mode) needsDesk() bool { return m == changing || m == reading }

// pools reports whether the pooler of DATABASE_URL is used. Commands use DATABASE_DIRECT_URL
// for everything, because most of them need locks of a session.
func (m mode) pools() bool { return m == serving }
