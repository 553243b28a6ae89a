package views

import (
	"fmt"
	"time"

	"frontdesk/internal/doctor"
	"frontdesk/internal/mailout"
	"frontdesk/internal/outbox"
)

// SystemPage is the data of the page about the desk and its machine.
type SystemPage struct {
	Findings  []doctor.Finding
	CheckedAt time.Time // zero if there are no checks
	Dead      []outbox.Dead
	Mail      *mailout.Counts // nil for a desk without mail
}

// urgent returns the findings that are not OK, the problems first, and fine the others.
func (p SystemPage) urgent() (all []doctor.Finding) {
	for _, level := range []doctor.Level{doctor.Problem, doctor.Warning} {
		for _, f := range p.Findings {
			if f.Level == level {
				all = append(all, f)
			}
		}
	}
	return all
}

func (p SystemPage) fine() (all []doctor.Finding) {
	for _, f := range p.Findings {
		if f.Level == doctor.OK {
			all = append(all, f)
		}
	}
	return all
}

// toneOf returns the tone of the notice about a finding.
func toneOf(f doctor.Finding) string {
	if f.Level == doctor.Problem {
		return "danger"
	}
	return "warn"
}

// levelWord returns the word before a finding.
func levelWord(f doctor.Finding) string {
	if f.Level == doctor.Problem {
		return "Problem"
	}
	return "Warning"
}

// deadLabel returns the label of the button that delivers an event again.
func deadLabel(d outbox.Dead) string {
	return fmt.Sprintf("Deliver event %d of ticket #%d again", d.Seq, d.TicketID)
}
