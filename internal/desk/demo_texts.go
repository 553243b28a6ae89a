package desk

import (
	_ "embed"
	"strconv"
	"strings"
	"time"
)

// The stories of the demonstration: after a blank line "# category priority
// [file]", the subjects, the text, then what is said: "> " by staff, "< " by
// the requester, "c> " and "c< " in the chat.
//
//go:embed demo_stories.txt
var demoStoriesText string

type story struct {
	category string
	priority Priority
	file     string // "" for none
	subjects []string
	text     string
	lines    []storyLine
}

type storyLine struct {
	staff, chat bool
	text        string
}

func demoStories() []story {
	var out []story
	for _, block := range strings.Split("\n"+strings.TrimSpace(demoStoriesText), "\n# ")[1:] {
		rows := strings.Split(strings.TrimSpace(block), "\n")
		head := strings.Fields(rows[0])
		s := story{category: head[0], priority: Priority(head[1]), subjects: strings.Split(rows[1], "|")}
		if len(head) > 2 {
			s.file = head[2]
		}
		var text []string
		for _, row := range rows[2:] {
			mark, said, marked := strings.Cut(row, " ")
			if marked && (mark == ">" || mark == "<" || mark == "c>" || mark == "c<") {
				s.lines = append(s.lines, storyLine{strings.HasSuffix(mark, ">"), mark[0] == 'c', said})
			} else {
				text = append(text, row)
			}
		}
		s.text = strings.Join(text, "\n")
		out = append(out, s)
	}
	return out
}

func (s story) subject(n int) string { return s.subjects[n/7%len(s.subjects)] }

// lastOfStaff is the line with which staff resolve the ticket.
func (s story) lastOfStaff() int {
	last := -1
	for i, l := range s.lines {
		if l.staff && !l.chat {
			last = i
		}
	}
	return last
}

// fill puts the ticket's own bicycle, order and day into a text.
func (t *demoTicket) fill(text string, at time.Time) string {
	return strings.NewReplacer(
		"{bike}", demoBikes[t.n%len(demoBikes)],
		"{no}", strconv.Itoa(88000+t.n*37%1900),
		"{day}", at.AddDate(0, 0, -2-t.n%4).Format("Monday"),
	).Replace(text)
}

var demoBikes = []string{"Tuva 3", "Fjord 7", "Kastanie Cargo", "Linnet City", "Tuva 2 Step-Through", "Heron Gravel", "Fjord 5"}

var demoPeople = []struct {
	name, email string
	role        Role
}{
	{"Priya Nair", "priya@lindqvist.example", RoleAdmin},
	{"Tom Becker", "tom@lindqvist.example", RoleAdmin},
	{"Lucía Ortega", "lucia@lindqvist.example", RoleAdmin},
	{"Ana Kovač", "ana.kovac@example.org", RoleCustomer},
	{"Oluwaseun Adeyemi", "seun@example.com", RoleCustomer},
	{"Jonas Weber", "jonas.weber@example.org", RoleCustomer},
	{"Mei-Ling Zhao", "ml.zhao@example.com", RoleCustomer},
	{"Brigitte van der Meulen", "brigitte.vdm@example.net", RoleCustomer},
	{"Karim Haddad", "karim.h@example.org", RoleCustomer},
	{"Ida Lund", "ida.lund@example.com", RoleCustomer},
	{"Sam Ortiz", "sam@ortiz.example", RoleCustomer},
	{"Nguyễn Thị Hoa", "hoa.nguyen@example.org", RoleCustomer},
	{"Piotr Wiśniewski", "p.wisniewski@example.net", RoleCustomer},
	{"Fatima El Amrani", "fatima.elamrani@example.com", RoleCustomer},
	{"Søren Dahl", "soren.dahl@example.org", RoleCustomer},
	{"Grace O’Connell", "grace.oc@example.com", RoleCustomer},
	{"Yusuf Demir", "yusuf.demir@example.net", RoleCustomer},
	{"Chiara Rossi", "chiara.rossi@example.org", RoleCustomer},
	{"Dmytro Shevchenko", "d.shevchenko@example.com", RoleCustomer},
	{"Aiko Tanaka", "aiko.tanaka@example.org", RoleCustomer},
	{"Rahul Mehta", "rahul.mehta@example.net", RoleCustomer},
	{"Élodie Marchand", "elodie.m@example.com", RoleCustomer},
	{"Kwame Boateng", "kwame.b@example.org", RoleCustomer},
	{"Hanna Virtanen", "hanna.virtanen@example.com", RoleCustomer},
	{"João Carvalho", "joao.carvalho@example.net", RoleCustomer},
	{"Leila Farahani", "leila.f@example.org", RoleCustomer},
	{"Erik Johansson", "erik.johansson@example.com", RoleCustomer},
	{"Thandiwe Dlamini", "thandi@example.org", RoleCustomer},
	{"Marek Novák", "marek.novak@example.net", RoleCustomer},
	{"Birgit Schäfer", "b.schaefer@example.com", RoleCustomer},
	{"Ahmed Rahman", "ahmed.rahman@example.org", RoleCustomer},
	{"Sofia Papadopoulou", "sofia.p@example.com", RoleCustomer},
	{"Liam Murphy", "liam.murphy@example.net", RoleCustomer},
	{"Ji-woo Park", "jiwoo.park@example.org", RoleCustomer},
	{"Camille Dubois", "camille.dubois@example.com", RoleCustomer},
	{"Óscar Herrera", "oscar.herrera@example.org", RoleCustomer},
	{"Nadia Popescu", "nadia.popescu@example.net", RoleCustomer},
	{"Björn Ek", "bjorn.ek@example.com", RoleCustomer},
	{"Ruth Goldberg", "ruth.goldberg@example.org", RoleCustomer},
	{"Tariq Aziz Khan", "tariq.khan@example.com", RoleCustomer},
	{"Marta Lewandowska", "marta.l@example.org", RoleCustomer},
	{"Hubert Nowicki & Sons", "office@nowicki.example", RoleCustomer},
}
