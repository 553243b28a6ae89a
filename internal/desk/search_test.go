package desk_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/ticketquery"
)

// finds reports whether the admin of w finds the ticket with q.
func (w *listWorld) finds(q string, id int64) bool {
	w.t.Helper()
	p, err := w.desk.Lists.Page(w.t.Context(), w.admin, ticketquery.Filter{Q: q})
	if err != nil {
		w.t.Fatalf("%q: %v", q, err)
	}
	return slices.ContainsFunc(p.Rows, func(r ticketquery.Row) bool { return r.ID == id })
}

func TestSearchNormalisesEveryWritingSystem(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 0)
	for _, c := range []struct {
		name, text string
		found, not []string
	}{
		{"Chinese", "我家在上海东边。", []string{"上海", "上", "边", "在上海东", "我家在上海东边", "我家在上海东边。", "上海 东边", "上海　东边"}, []string{"海上", "上东", "家上海", "北京", "我家在上海边", "东边我"}},
		{"French", "Un problème à Genève, déjà", []string{"probleme", "PROBLÈME", "proble\u0300me", "geneve", "GENÈVE prob", "deja", "à"}, []string{"problemes", "obleme"}},
		{"decomposed", "Un proble\u0300me a\u0300 Gene\u0300ve", []string{"problème", "probleme", "genève"}, []string{"probl\u0300x"}},
		{"German", "Die Straße im GROẞEN Weiß, schön", []string{"strasse", "STRASSE", "straße", "grossen", "weiss", "schon", "SCHÖN"}, []string{"strase", "strabe"}},
		{"Nordic and Slavic", "Ærø, Łódź, Đakovo, smørrebrød, Þór, cœur, Åse", []string{"aero", "lodz", "ŁÓDŹ", "dakovo", "smorrebrod", "thor", "coeur", "ase"}, []string{"aro", "lods"}},
		{"Turkish", "İstanbul ve IĞDIR, ılık", []string{"istanbul", "ISTANBUL", "ıstanbul", "İSTANBUL", "igdir", "ığdır", "ilik", "ILIK"}, []string{"stanbul"}},
		{"Vietnamese", "Tiếng Việt rất khó", []string{"tieng viet", "TIẾNG VIỆT", "tie\u0302\u0301ng", "kho"}, []string{"thieng"}},
		{"Greek", "ΟΔΥΣΣΕΥΣ πήγε, Σοφός", []string{"οδυσσευς", "οδυσσεύς", "ΟΔΥΣΣΕΎΣ", "πηγε", "σοφοσ", "ΣΟΦΟΣ"}, []string{"οδυσεας"}},
		{"Cyrillic", "Ёлка в Москве, мой Київ", []string{"елка", "ЁЛКА", "МОСКВЕ", "москве", "КИЇВ", "київ", "мой", "МОИ"}, []string{"москва"}},
		{"Hebrew", "כְּתָבִים של צה״ל", []string{"כתבים", "כְּתָבִים", "צה\"ל"}, []string{"כתבם"}},
		{"Arabic", "كِتَابٌ جَدِيدٌ في المكتبة، أحمد", []string{"كتاب", "كِتَاب", "جديد", "كتـــاب", "المكتبه", "احمد", "إحمد"}, []string{"كتب"}},
		{"Persian", "می\u200cخواهم کتابی", []string{"می\u200cخواهم", "میخواهم", "كتابي", "کتاب"}, []string{"خواهم"}},
		{"compatibility forms", "ＡＢＣ１２３ ﬁnance ① x² ㎏", []string{"abc123", "ＡＢＣ", "finance", "ﬁn", "1", "x2", "kg"}, []string{"bc123"}},
		{"Japanese", "カタカナとひらがな、ﾊﾝｶｸのｶﾞｲﾄﾞ 東京都", []string{"カタ", "ﾀｶﾅ", "ハンカク", "ガイド", "か\u3099な", "がな", "京都", "東京", "と"}, []string{"カイト", "かな", "都京"}},
		{"Korean", "서울에서 만나요", []string{"서울", "울에", "만나", "요", "\u1109\u1165\u110b\u116e\u11af"}, []string{"울서", "서만"}},
		{"Thai", "ภาษาไทยไม่มีช่องว่าง", []string{"ไทย", "ภาษา", "ไม่มี", "ช่องว่าง", "ทยไม่"}, []string{"ไมมี", "ไทยภาษา"}},
		{"Lao", "ພາສາລາວ", []string{"ລາວ", "ພາສາ"}, []string{"ລາວພາ"}},
		{"Khmer", "ខ្មែរសរសេរ", []string{"ខ្មែរ", "សរសេរ"}, []string{"សរខ"}},
		{"Burmese", "မြန်မာစာ", []string{"မာစာ", "မြန်မာ"}, []string{"စာမြန်"}},
		{"Devanagari", "हिन्दी में क़लम", []string{"हिन्दी", "कलम", "क़लम", "में"}, []string{"हन्दी", "कलमी"}},
		{"two scripts", "iPhone手机壳 v2", []string{"iphone手机", "手机 iphone", "机壳", "IPHONE", "手机v2"}, []string{"iphone壳手", "phone"}},
		{"characters that are not seen", "so\u00adft zero\u200bwidth \u200fmark", []string{"soft", "zerowidth", "mark", "\ufeffsoft"}, []string{"ft", "width"}},
		{"apostrophes", "l’été O'Neil пʼять", []string{"l'été", "ete", "o’neil", "п'ять", "п’ять"}, []string{"oneil"}},
		{"digits", "٢٠ تذاكر ۱۲ हिस्से ४५", []string{"20", "۲۰", "٢٠", "１２", "45"}, []string{"21"}},
		{"letters beyond the first plane", "𠮷野家 𝐁𝐨𝐥𝐝", []string{"𠮷野", "𠮷", "bold"}, []string{"吉野"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			own := w.open(w.customer, "A text", c.text)
			commented := w.open(w.customer, "No text", "nothing")
			comment(t, w.desk, w.admin, commented, c.text)
			subject := w.open(w.other, c.text, "nothing")
			for _, id := range []int64{own, commented, subject} {
				for _, q := range c.found {
					if !w.finds(q, id) {
						t.Errorf("got nothing with %q in %q, want it found", q, c.text)
					}
				}
				for _, q := range c.not {
					if w.finds(q, id) {
						t.Errorf("got %q with %q, want it not found", c.text, q)
					}
				}
			}
		})
	}
}

func TestSearchNormalisesNamesAsTexts(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	admin := h.person("Priya", account.RoleAdmin)
	people := map[string][]string{"王芳": {"王芳", "王", "芳"}, "Zoë Müller": {"zoe", "MULLER", "Müller", "e mu"}, "Ｓａｔｏ ｻﾄｳ": {"sato", "サトウ", "トウ"}}
	for name, queries := range people {
		who := h.person(strings.ReplaceAll(name, " ", "."), account.RoleCustomer)
		h.exec("update users set username = $2 where id = $1", who.ID, name)
		made, err := h.Tickets.Open(t.Context(), who, desk.TicketInput{Subject: "s", Description: "d", Category: "General", Priority: "Low", SubmissionID: name})
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range queries {
			users, err := h.Accounts.Users.List(t.Context(), admin, account.UserFilter{Q: q})
			if err != nil {
				t.Fatalf("the list of users with %q: %v", q, err)
			}
			if len(users.Rows) != 1 {
				t.Fatalf("the list of users with %q: got %d rows, want 1: %+v", q, len(users.Rows), users.Rows)
			}
			if users.Rows[0].ID != who.ID {
				t.Errorf("the list of users with %q: the ID is %d, want %d", q, users.Rows[0].ID, who.ID)
			}
			if len(q) < 3 { // two Latin letters are searched only among users
				continue
			}
			tickets, err := h.Lists.Page(t.Context(), admin, ticketquery.Filter{Q: q})
			if err != nil {
				t.Fatalf("the list of tickets with %q: %v", q, err)
			}
			if len(tickets.Rows) != 1 {
				t.Fatalf("the list of tickets with %q: got %d rows, want 1: %+v", q, len(tickets.Rows), tickets.Rows)
			}
			if tickets.Rows[0].ID != made.ID {
				t.Errorf("the list of tickets with %q: the ID is %d, want %d", q, tickets.Rows[0].ID, made.ID)
			}
		}
	}
	for _, q := range []string{"芳王", "mueller", "%", "_"} {
		if users, err := h.Accounts.Users.List(t.Context(), admin, account.UserFilter{Q: q}); err != nil || len(users.Rows) != 0 {
			t.Errorf("the list of users with %q: got %+v, %v, want none", q, users.Rows, err)
		}
	}
}

// hostile has searches that look like SQL, a tsquery or a pattern, or that are long.
var hostile = []string{
	"'", "''", `"`, `\`, `\\'`, ":", ":*", "a:*", "a:B", "!", "!a", "&", "a & !b", "|", "a | b", "<->", "a <-> b", "<2>", "(", ")", "((((", "#", "#:", "# #", "'#:a'", "%", "_", "a%b", "'; drop table tickets; --",
	"\x00", "a\x00b", "\xff", "\xc3", "\u0301", "\u200b", "\U000e0041", "\ufffe", "上'海", "上\\海%", "上_海:*", "#99999999999999999999", "#-1", "#0", "# ", "№", "$1", "{}", "\\u0041", "E'\\n'",
	strings.Repeat("a ", 100), strings.Repeat("a' & ", 40), strings.Repeat("上", 200), strings.Repeat("上 ", 100), strings.Repeat("上a", 100), strings.Repeat("\ufdfa", 200), strings.Repeat("㌖", 200),
	strings.Repeat("\u0e48\u0e38", 100), "a" + strings.Repeat("\u0301\u0323", 100), strings.Repeat("#1 ", 66), strings.Repeat("'", 200), strings.Repeat("\\", 200), strings.Repeat("(", 200), strings.Repeat("ß", 200), strings.Repeat("z", 5000),
}

func TestEverySearchIsBounded(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 3)
	for _, q := range hostile {
		for _, who := range []account.Actor{w.admin, w.customer} {
			if _, err := w.desk.Lists.Page(t.Context(), who, ticketquery.Filter{Q: q}); err != nil {
				t.Errorf("%.40q: got %v, want no error", q, err)
			}
		}
		if _, err := w.desk.Accounts.Users.List(t.Context(), w.admin, account.UserFilter{Q: q}); err != nil {
			t.Errorf("%.40q among users: got %v, want no error", q, err)
		}
		line := strings.ToValidUTF8(strings.ReplaceAll(q, "\x00", ""), "")
		var answer []byte
		var asked struct{ Terms, Begun, Runs, Numbers []any }
		if err := w.fixture.pool.QueryRow(t.Context(), "select search_query($1)", string([]rune(line)[:min(len([]rune(line)), 200)])).Scan(&answer); err != nil {
			t.Fatalf("%.40q: %v", q, err)
		}
		if err := json.Unmarshal(answer, &asked); err != nil {
			t.Fatal(err)
		}
		if n := len(asked.Terms) + len(asked.Begun) + len(asked.Runs) + len(asked.Numbers); n > 7+1+8*4+8+8 {
			t.Errorf("%.40q: got %d conditions, want at most those of 8 words, 8 runs of 4 pairs and 8 numbers", q, n)
		}
	}
}

func TestSearchFollowsEditsAndDeletions(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 1)
	id := w.open(w.customer, "First 上海", "text")
	comment(t, w.desk, w.admin, id, "Answer 北京")
	w.fixture.exec("update tickets set subject = 'Second 广州' where id = $1", id)
	w.fixture.exec("update ticket_events set body = 'Answer 成都' where ticket_id = $1 and kind = 'comment'", id)
	for q, want := range map[string]bool{"上海": false, "first": false, "广州": true, "second": true, "北京": false, "成都": true} {
		if got := w.finds(q, id); got != want {
			t.Errorf("after an edit, %q: got found %t, want %t", q, got, want)
		}
	}
	w.fixture.exec("update ticket_events set kind = 'message' where ticket_id = $1 and kind = 'comment'", id)
	if w.finds("成都", id) {
		t.Error("got a chat message, want only comments")
	}
	w.fixture.exec("delete from tickets where id = $1", id)
	if n := w.fixture.number("select (select count(*) from search_tickets where ticket_id = $1) + (select count(*) from search_comments where ticket_id = $1)", id); n != 0 {
		t.Errorf("got %d texts of a deleted ticket, want 0", n)
	}
}

// ids returns the ids of the rows.
func ids(rows []ticketquery.Row) []int64 {
	out := make([]int64, len(rows))
	for i, r := range rows {
		out[i] = r.ID
	}
	return out
}

func TestOnlyStaffFindNotes(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 0)
	tom := w.fixture.person("Tom", account.RoleAgent)
	id, own := w.open(w.customer, "Brake", "It squeaks."), w.open(tom, "Lamp", "It flickers.")
	n, err := w.desk.Notes.Add(t.Context(), tom, id, desk.NoteInput{Text: "The calíper 北京 is recalled."})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.desk.Notes.Add(t.Context(), w.admin, own, desk.NoteInput{Text: "calliper caliper"}); err != nil {
		t.Fatal(err)
	}
	found := func(who account.Actor, q string) (ids []int64) {
		t.Helper()
		p, err := w.desk.Lists.Page(t.Context(), who, ticketquery.Filter{Q: q})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Rows {
			ids = append(ids, r.ID)
		}
		slices.Sort(ids)
		return ids
	}
	check := func(when string) {
		t.Helper()
		for _, c := range []struct {
			who  account.Actor
			q    string
			want []int64
		}{
			{w.admin, "caliper", []int64{id, own}}, {w.admin, "recalled calip", []int64{id}}, {w.admin, "北京", []int64{id}},
			{tom, "caliper", []int64{id}}, {w.customer, "caliper", nil}, {w.customer, "brake", []int64{id}}, {w.other, "caliper", nil},
		} {
			if got := found(c.who, c.q); !slices.Equal(got, c.want) {
				t.Errorf("%s: %s finds %v with %q, want %v", when, c.who.Username, got, c.q, c.want)
			}
		}
	}
	check("among recent tickets")
	w.fixture.exec(`insert into tickets (requester_id, subject, description, category_id, priority, last_seq, submission_id, submission_hash)
		select $1, 'Newer', 'words', 1, 'Low', 1, 'n-' || n, '' from generate_series(1, 450) n`, w.other.ID)
	check("with the index")
	if err := w.desk.Notes.Delete(t.Context(), tom, id, n.Seq); err != nil {
		t.Fatal(err)
	}
	if got := found(w.admin, "recalled"); len(got) != 0 {
		t.Errorf("after the deletion staff find %v, want nothing", got)
	}
}
