package views

// Person is somebody who has a ticket open.
type Person struct {
	ID      int64
	Name    string
	Staff   bool   // on the side of staff: an admin's own ticket has them as its customer
	Writing string // "chat" or "comment" while they write, else ""
	Seen    int64  // the place up to which they have seen the log; 0 where unknown
}

// Now is what passes on a ticket: who is here, and what they do. It stands in no log.
type Now struct {
	People []Person
	Staff  bool // the reader is on the side of staff
}

// across are those whom the chat's header names: the other side.
func (n Now) across() []Person { return n.pick(func(p Person) bool { return p.Staff != n.Staff }) }

// colleagues are those on the reader's own side.
func (n Now) colleagues(reader int64) []Person {
	return n.pick(func(p Person) bool { return n.Staff && p.Staff && p.ID != reader })
}

func (n Now) pick(wanted func(Person) bool) (out []Person) {
	for _, p := range n.People {
		if wanted(p) {
			out = append(out, p)
		}
	}
	return out
}

// seen is how far the other side has seen the log, and who did; 0 where nobody said.
func (n Now) seen() (by string, place int64) {
	for _, p := range n.across() {
		if p.Seen > place {
			by, place = firstName(p.Name), p.Seen
		}
	}
	return by, place
}

// MaxNamed is how many people are named before the rest is counted.
const MaxNamed = 3

// areHere writes "Priya is here", "Priya and Tom are here".
func areHere(people []Person) string {
	if len(people) == 1 {
		return firstName(people[0].Name) + " is here"
	}
	return names(people, firstName) + " are here"
}

// areWriting writes "and is writing" where it is the only one who is here, and
// otherwise who of them it is.
func areWriting(people []Person) string {
	var writing []Person
	for _, p := range people {
		if p.Writing == "chat" {
			writing = append(writing, p)
		}
	}
	switch {
	case len(writing) == 0:
		return ""
	case len(people) == 1:
		return "and is writing"
	case len(writing) == 1:
		return firstName(writing[0].Name) + " is writing"
	}
	return names(writing, firstName) + " are writing"
}

func names(people []Person, call func(string) string) string {
	var all []string
	for _, p := range people[:min(len(people), MaxNamed)] {
		all = append(all, call(p.Name))
	}
	if more := len(people) - MaxNamed; more > 0 {
		all = append(all, count(more, "other"))
	}
	return joinNames(all)
}

// colleagueDeed says what a colleague does on the ticket, so that two do not answer at once.
func colleagueDeed(p Person) string {
	switch p.Writing {
	case "comment":
		return Isolated(p.Name) + " is writing a reply"
	case "chat":
		return Isolated(p.Name) + " is writing in the chat"
	}
	return Isolated(p.Name) + " is reading this ticket too"
}
