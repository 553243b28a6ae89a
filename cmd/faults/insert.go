package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"frontdesk/cmd/faults/internal/comparison"
)

// The lines of a document between which a table is.
const (
	tableBegins = "<!-- table -->\n"
	tableEnds   = "<!-- end of table -->\n"
)

// insert replaces the table of a document.
func insert(path string, table comparison.Table) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(raw), tableBegins)
	_, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		return fmt.Errorf("%s has no marks for a table", path)
	}
	var text bytes.Buffer
	if err := table.Write(&text); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(before+tableBegins+"\n"+text.String()+"\n"+tableEnds+after), 0o644)
}
