// Package backup writes a desk to one archive while it serves, restores an empty desk from
// an archive, and verifies desks and archives.
//
// An archive is a tar file compressed with zstd, and may be encrypted with age. Its entries
// are, in this order:
//
//	manifest.json            [Manifest]
//	tables/NAME/000001 …     the rows of a table in parts, in the text format of COPY
//	files/NAME               an attachment, with its SHA-256 in the header
//	secrets/NAME             a file of the data folder, such as the key of API tokens
//	end.json                 [End], which has the checksums of the tables
//
// An archive without end.json is incomplete.
package backup

import (
	"errors"
	"time"

	"frontdesk/db"
)

// Format is the version of the format of archives that this program writes, and the newest
// one that it reads.
const Format = 1

// Manifest describes an archive. It is its first entry.
type Manifest struct {
	Program   string           `json:"program"` // "frontdesk"
	Format    int              `json:"format"`
	Version   string           `json:"version"` // of the program that wrote it
	Schema    int64            `json:"schema"`  // version of the database's schema
	Server    string           `json:"server"`  // version of PostgreSQL
	Instance  string           `json:"instance"`
	TakenAt   time.Time        `json:"takenAt"` // when the snapshot began
	Tables    []Table          `json:"tables"`
	Sequences map[string]int64 `json:"sequences"`
	Files     int64            `json:"files"`
	FileBytes int64            `json:"fileBytes"`
	Bytes     int64            `json:"bytes"` // estimated size of the tables and files
}

// Table is a table of the manifest.
type Table struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
}

// db returns the table as package db has it.
func (t Table) db() db.Table { return db.Table{Name: t.Name, Columns: t.Columns} }

// End is the last entry of an archive.
type End struct {
	Tables    map[string]Sum `json:"tables"`
	Files     int64          `json:"files"`
	FileBytes int64          `json:"fileBytes"`
	Secrets   int            `json:"secrets"`
}

// Sum has the size and the checksum of the rows of a table.
type Sum struct {
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 []byte `json:"sha256"`
}

// Errors of archives.
var (
	// ErrDamaged is returned for an archive that is incomplete, or has other bytes than were
	// written.
	ErrDamaged = errors.New("the archive is damaged")
	// ErrNotArchive is returned for a file that is not an archive of Frontdesk.
	ErrNotArchive = errors.New("this is not a backup of Frontdesk")
	// ErrNewer is returned for an archive that a newer version of the program has written.
	ErrNewer = errors.New("the archive was made by a newer version of Frontdesk: install that version or a later one")
	// ErrEncrypted is returned for an encrypted archive if no identity can decrypt it.
	ErrEncrypted = errors.New("the archive is encrypted: give the file with the identity that belongs to its recipient (--identity)")
)

// Names of entries.
const (
	manifestName = "manifest.json"
	endName      = "end.json"
	tablePrefix  = "tables/"
	filePrefix   = "files/"
	secretPrefix = "secrets/"

	// sumRecord is the PAX record of a file's SHA-256 in hexadecimal.
	sumRecord = "FRONTDESK.sha256"
	// partSize is the maximum size of a part of a table in bytes. A tar entry begins with
	// its size, so each part is collected in memory.
	partSize = 1 << 20
	// maxJSON is the maximum size of an entry in JSON in bytes.
	maxJSON = 16 << 20
)
