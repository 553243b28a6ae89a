package event

import "cmp"

// NoteData is the data of a note's entry.
type NoteData struct {
	Mentions []Mention `json:"mentions,omitempty"`
	Deleted  bool      `json:"deleted,omitempty"` // the author has deleted the text and the files
}

// Mention is a colleague whom a note mentions.
type Mention struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	Text string `json:"text,omitempty"` // the name as the note has it, without the @; "" in old notes
}

// MentionTexts returns the names in a note that mention colleagues, without the @.
func (d NoteData) MentionTexts() []string {
	texts := make([]string, len(d.Mentions))
	for i, m := range d.Mentions {
		texts[i] = cmp.Or(m.Text, m.Name)
	}
	return texts
}
