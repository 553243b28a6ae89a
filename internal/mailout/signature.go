package mailout

import (
	"fmt"
	"regexp"
	"strings"

	"frontdesk/internal/fault"
)

// SignatureFields are the values of the placeholders of a signature.
type SignatureFields struct {
	Agent  string // the author of the answer; "" in automatic mails
	Desk   string
	Ticket string // such as #1042; "" in mails that are not about one ticket
}

// Placeholder is a placeholder of signatures.
type Placeholder struct{ Name, Text string }

// SignaturePlaceholders are the placeholders with their meanings.
var SignaturePlaceholders = []Placeholder{
	{"{agent}", "the name of who answered"},
	{"{desk}", "the name of the desk"},
	{"{ticket}", "the number of the ticket"},
}

var placeholder = regexp.MustCompile(`\{[^{}\s]*\}`)

// checkSignature returns [*fault.Invalid] for a placeholder that does not exist.
func checkSignature(signature string) error {
	for _, name := range placeholder.FindAllString(signature, -1) {
		if _, ok := (SignatureFields{}).value(name); !ok {
			return fault.NewInvalid("signature", fmt.Sprintf("“%s” is not a placeholder. Choose one from the list.", name))
		}
	}
	return nil
}

// FillSignature returns a signature with values for its placeholders. A paragraph with a placeholder
// that has no value is left out.
func FillSignature(signature string, fields SignatureFields) string {
	var kept []string
	for paragraph := range strings.SplitSeq(signature, "\n\n") {
		empty := false
		filled := placeholder.ReplaceAllStringFunc(paragraph, func(name string) string {
			value, ok := fields.value(name)
			if !ok {
				return name
			}
			empty = empty || value == ""
			return value
		})
		if !empty {
			kept = append(kept, filled)
		}
	}
	return strings.TrimSpace(strings.Join(kept, "\n\n"))
}

func (f SignatureFields) value(name string) (value string, ok bool) {
	switch name {
	case "{agent}":
		return f.Agent, true
	case "{desk}":
		return f.Desk, true
	case "{ticket}":
		return f.Ticket, true
	}
	return "", false
}
