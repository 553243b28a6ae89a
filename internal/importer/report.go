package importer

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"frontdesk/db"
)

// report is a CSV file with the entries of an import. It is written to path.part and renamed
// to path when it is complete, so that a failure does not destroy an earlier report.
type report struct {
	path   string
	file   *os.File
	buffer *bufio.Writer
	csv    *csv.Writer
}

// newReport makes the file of a report.
func newReport(path string) (*report, error) {
	f, err := os.OpenFile(path+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the report cannot be written: %w", err)
	}
	buffer := bufio.NewWriterSize(f, 1<<16)
	r := &report{path, f, buffer, csv.NewWriter(buffer)}
	return r, r.csv.Write([]string{"kind", "old id", "new id", "seq", "note"})
}

// add writes an entry.
func (r *report) add(e Entry) error {
	if err := r.csv.Write([]string{e.Kind, cell(e.OldID), positive(e.NewID), positive(e.Seq), cell(e.Note)}); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// cell returns a text that spreadsheets do not take for a formula (OWASP, CSV Injection).
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n", rune(text[0])) {
		return "'" + text
	}
	return text
}

// positive returns a number, or "" for 0.
func positive(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// finish flushes the report and renames it to its path.
func (r *report) finish() error {
	r.csv.Flush()
	err := errors.Join(r.csv.Error(), r.buffer.Flush(), r.file.Close())
	if err == nil {
		err = os.Rename(r.path+".part", r.path)
	}
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// discard removes the incomplete report. It does nothing after finish.
func (r *report) discard() {
	_ = r.file.Close()
	_ = os.Remove(r.path + ".part")
}

const (
	entriesPage = 5000 // entries that are read at once
	maxNotes    = 20   // entries with a note in a [Result]
)

// writeReport writes all entries that are stored in the database.
func writeReport(ctx context.Context, q *db.Queries, r *report) error {
	for after := int64(0); ; {
		page, err := q.ListImportEntries(ctx, db.ListImportEntriesParams{After: after, Max: entriesPage})
		if err != nil {
			return fmt.Errorf("read the report: %w", err)
		}
		if len(page) == 0 {
			return r.finish()
		}
		for _, e := range page {
			if err := r.add(Entry{e.Kind, e.OldID, e.NewID, e.Seq, e.Note}); err != nil {
				return err
			}
		}
		after = page[len(page)-1].ID
	}
}
