package importer

// Kinds of the entries of the report.
const (
	kindAccount    = "account" // one that the desk had before
	kindUser       = "user"
	kindCategory   = "category"
	kindTicket     = "ticket"
	kindComment    = "comment"
	kindMessage    = "message"
	kindAttachment = "attachment"
)

// Entry is one line of the report: what became of a row of the source. NewID is the id of
// the user or the ticket in the desk, and Seq the number of the entry in the ticket's log.
// NewID is 0 if the row was not imported; then Note is the reason. Otherwise Note says what
// was changed.
type Entry struct {
	Kind, OldID string
	NewID, Seq  int64
	Note        string
}

// Summary counts the entries of a kind.
type Summary struct {
	Kind     string
	Imported int64 // with or without changes
	Changed  int64 // imported with a note
	Refused  int64 // not imported
}

// summaries are the summaries of all kinds by their names.
type summaries map[string]*Summary

// add counts an entry.
func (s summaries) add(e Entry) {
	of := s[e.Kind]
	if of == nil {
		of = &Summary{Kind: e.Kind}
		s[e.Kind] = of
	}
	switch {
	case e.NewID == 0:
		of.Refused++
	case e.Note != "":
		of.Changed++
		of.Imported++
	default:
		of.Imported++
	}
}

// list returns the summaries in the order of the report.
func (s summaries) list() (all []Summary) {
	for _, kind := range []string{kindAccount, kindUser, kindCategory, kindTicket, kindComment, kindMessage, kindAttachment} {
		if of := s[kind]; of != nil {
			all = append(all, *of)
		}
	}
	return all
}

// noted returns the number of entries with a note.
func (s summaries) noted() (n int64) {
	for _, of := range s {
		n += of.Changed + of.Refused
	}
	return n
}
