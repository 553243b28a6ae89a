package demo

import (
	_ "embed"
	"strconv"
	"strings"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

// loadStoriesText has the stories of the demonstration. After a blank line, each story has
// a line "# category priority [file]", a line of subjects, the lines of the text, and a line
// for each comment: "> " by staff, "< " by the requester. "c> " and "c< " are chat messages.
//
//go:embed stories.txt
var loadStoriesText string

// story is the content of a ticket.
type story struct {
	category string
	priority desk.Priority
	file     string // the name of the attachment, or ""
	subjects []string
	text     string
	entries  []storyEntry
}

// storyEntry is a comment or chat message of a story.
type storyEntry struct {
	staff, chat bool
	text        string
}

// loadStories parses the stories.
func loadStories() []story {
	var out []story
	for _, block := range strings.Split("\n"+strings.TrimSpace(loadStoriesText), "\n# ")[1:] {
		rows := strings.Split(strings.TrimSpace(block), "\n")
		head := strings.Fields(rows[0])
		s := story{category: head[0], priority: desk.Priority(head[1]), subjects: strings.Split(rows[1], "|")}
		if len(head) > 2 {
			s.file = head[2]
		}
		var text []string
		for _, row := range rows[2:] {
			mark, body, marked := strings.Cut(row, " ")
			if marked && (mark == ">" || mark == "<" || mark == "c>" || mark == "c<") {
				s.entries = append(s.entries, storyEntry{strings.HasSuffix(mark, ">"), mark[0] == 'c', body})
			} else {
				text = append(text, row)
			}
		}
		s.text = strings.Join(text, "\n")
		out = append(out, s)
	}
	return out
}

// subject returns the subject of the ticket with the index n.
func (s story) subject(n int) string { return s.subjects[n/7%len(s.subjects)] }

// lastOfStaff returns the index of the last comment by staff, or -1.
func (s story) lastOfStaff() int {
	last := -1
	for i, l := range s.entries {
		if l.staff && !l.chat {
			last = i
		}
	}
	return last
}

// fill replaces the placeholders for a bicycle, an order number and a day in a text.
func (t *demoTicket) fill(text string, at time.Time) string {
	return strings.NewReplacer(
		"{bike}", demoBikes[t.n%len(demoBikes)],
		"{no}", strconv.Itoa(88000+t.n*37%1900),
		"{day}", at.AddDate(0, 0, -2-t.n%4).Format("Monday"),
	).Replace(text)
}

var demoBikes = []string{"Tuva 3", "Fjord 7", "Kastanie Cargo", "Linnet City", "Tuva 2 Step-Through", "Heron Gravel", "Fjord 5"}

var people = []struct {
	name, email string
	role        account.Role
}{
	{"Priya Nair", "priya@lindqvist.example", account.RoleAdmin},
	{"Tom Becker", "tom@lindqvist.example", account.RoleAgent},
	{"Lucía Ortega", "lucia@lindqvist.example", account.RoleAgent},
	{"Ana Kovač", "ana.kovac@example.org", account.RoleCustomer},
	{"Oluwaseun Adeyemi", "seun@example.com", account.RoleCustomer},
	{"Jonas Weber", "jonas.weber@example.org", account.RoleCustomer},
	{"Mei-Ling Zhao", "ml.zhao@example.com", account.RoleCustomer},
	{"Brigitte van der Meulen", "brigitte.vdm@example.net", account.RoleCustomer},
	{"Karim Haddad", "karim.h@example.org", account.RoleCustomer},
	{"Ida Lund", "ida.lund@example.com", account.RoleCustomer},
	{"Sam Ortiz", "sam@ortiz.example", account.RoleCustomer},
	{"Nguyễn Thị Hoa", "hoa.nguyen@example.org", account.RoleCustomer},
	{"Piotr Wiśniewski", "p.wisniewski@example.net", account.RoleCustomer},
	{"Fatima El Amrani", "fatima.elamrani@example.com", account.RoleCustomer},
	{"Søren Dahl", "soren.dahl@example.org", account.RoleCustomer},
	{"Grace O’Connell", "grace.oc@example.com", account.RoleCustomer},
	{"Yusuf Demir", "yusuf.demir@example.net", account.RoleCustomer},
	{"Chiara Rossi", "chiara.rossi@example.org", account.RoleCustomer},
	{"Dmytro Shevchenko", "d.shevchenko@example.com", account.RoleCustomer},
	{"Aiko Tanaka", "aiko.tanaka@example.org", account.RoleCustomer},
	{"Rahul Mehta", "rahul.mehta@example.net", account.RoleCustomer},
	{"Élodie Marchand", "elodie.m@example.com", account.RoleCustomer},
	{"Kwame Boateng", "kwame.b@example.org", account.RoleCustomer},
	{"Hanna Virtanen", "hanna.virtanen@example.com", account.RoleCustomer},
	{"João Carvalho", "joao.carvalho@example.net", account.RoleCustomer},
	{"Leila Farahani", "leila.f@example.org", account.RoleCustomer},
	{"Erik Johansson", "erik.johansson@example.com", account.RoleCustomer},
	{"Thandiwe Dlamini", "thandi@example.org", account.RoleCustomer},
	{"Marek Novák", "marek.novak@example.net", account.RoleCustomer},
	{"Birgit Schäfer", "b.schaefer@example.com", account.RoleCustomer},
	{"Ahmed Rahman", "ahmed.rahman@example.org", account.RoleCustomer},
	{"Sofia Papadopoulou", "sofia.p@example.com", account.RoleCustomer},
	{"Liam Murphy", "liam.murphy@example.net", account.RoleCustomer},
	{"Ji-woo Park", "jiwoo.park@example.org", account.RoleCustomer},
	{"Camille Dubois", "camille.dubois@example.com", account.RoleCustomer},
	{"Óscar Herrera", "oscar.herrera@example.org", account.RoleCustomer},
	{"Nadia Popescu", "nadia.popescu@example.net", account.RoleCustomer},
	{"Björn Ek", "bjorn.ek@example.com", account.RoleCustomer},
	{"Ruth Goldberg", "ruth.goldberg@example.org", account.RoleCustomer},
	{"Tariq Aziz Khan", "tariq.khan@example.com", account.RoleCustomer},
	{"Marta Lewandowska", "marta.l@example.org", account.RoleCustomer},
	{"Hubert Nowicki & Sons", "office@nowicki.example", account.RoleCustomer},
}
