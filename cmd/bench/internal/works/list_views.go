package works

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"frontdesk/db/dbseed"
)

// listView is a page that is measured on desks of several sizes.
type listView struct {
	name  string
	who   int // user
	path  string
	pages int           // how many times the link to the next page is followed before the measurement
	most  time.Duration // goal for its p95 on the largest desk, 0 for none
}

func search(words string) string { return "/tickets?q=" + url.QueryEscape(words) }

const (
	listMost      = 5 * time.Millisecond
	searchMost    = 20 * time.Millisecond
	dashboardMost = 30 * time.Millisecond
)

// listViews are the pages that are compared. They search for words of the seed:
//   - quartz is in ten tickets of every desk
//   - fossil is only in tickets of the oldest three fifths
//   - bababa is in a third of the tickets
//   - bakali is in two of ten thousand tickets
//   - bakabi and babada are together in two of ten thousand tickets
//   - the Chinese and the accented word are each in two of ten thousand tickets
var listViews = slices.Concat([]listView{
	{"list, customer of 50", dbseed.UserWithFifty, "/tickets", 0, listMost},
	{"list, customer of 500", dbseed.UserWithFiveHundred, "/tickets", 0, listMost},
	{"list, customer of 500, 8 pages on", dbseed.UserWithFiveHundred, "/tickets", 8, listMost},
	{"list, staff", dbseed.Admin, "/tickets", 0, listMost},
	{"list, staff, 40 pages on", dbseed.Admin, "/tickets", 40, listMost},
}, filters(dbseed.Admin, "list, staff, ", "status=OPEN", "status=IN_PROGRESS", "status=RESOLVED", "status=CLOSED", "status=ACTIVE", "status=WAITING",
	"priority=Urgent", "category=Billing", "requester=3", "assignee=me", "assignee=me&status=ACTIVE&sort=waiting", "assignee=none&status=ACTIVE&sort=waiting", "assignee=none&team=3&status=ACTIVE&sort=waiting",
	"team=3", "team=3&status=ACTIVE&sort=waiting", "status=OPEN&priority=Urgent&team=3", "sort=created", "sort=oldest", "sort=urgent", "sort=waiting", "status=CLOSED&priority=Low&category=Technical&sort=oldest"),
	filters(dbseed.UserWithFiveHundred, "list, customer of 500, ", "status=OPEN", "status=CLOSED&priority=Urgent", "sort=oldest"),
	[]listView{
		{"ticket of 20 entries", dbseed.UserWithFifty, "/tickets/1", 0, 0},
		{"search, staff, a word of ten tickets", dbseed.Admin, search(dbseed.Rare), 0, searchMost},
		{"search, staff, a word of long ago", dbseed.Admin, search(dbseed.Old), 0, searchMost},
		{"search, staff, a rare word", dbseed.Admin, search("bakali"), 0, searchMost},
		{"search, staff, two words", dbseed.Admin, search("bakabi babada"), 0, searchMost},
		{"search, staff, a common word", dbseed.Admin, search("bababa"), 0, searchMost},
		{"search, staff, a number", dbseed.Admin, search("#777"), 0, searchMost},
		{"search, staff, an address", dbseed.Admin, search("user77@bench.example"), 0, searchMost},
		{"search, staff, a Chinese word", dbseed.Admin, search(dbseed.Chinese), 0, searchMost},
		{"search, staff, a Chinese phrase", dbseed.Admin, search(dbseed.ChinesePhrase), 0, searchMost},
		{"search, staff, an accented word", dbseed.Admin, search(dbseed.Unaccented), 0, searchMost},
		{"search, staff, a rare word and a letter", dbseed.Admin, search(dbseed.Rare + " b"), 0, searchMost},
		{"search, staff, nothing found", dbseed.Admin, search("zyzzyva"), 0, searchMost},
		{"search, customer of 500, a rare word", dbseed.UserWithFiveHundred, search("bakali"), 0, searchMost},
		{"search, customer of 500, a common word", dbseed.UserWithFiveHundred, search("bababa"), 0, searchMost},
		{"dashboard", dbseed.Admin, "/dashboard", 0, dashboardMost},
		{"reports", dbseed.Admin, "/reports", 0, dashboardMost},
		{"dashboard, everything", dbseed.Admin, "/dashboard?status=ALL", 0, dashboardMost},
	})

// filters returns a listView for each query of the ticket list.
func filters(who int, name string, queries ...string) []listView {
	all := make([]listView, len(queries))
	for i, q := range queries {
		all[i] = listView{most: listMost, name: name + strings.NewReplacer("status=", "", "priority=", "", "category=", "", "requester=", "of customer ", "sort=", "by ", "&", ", ").Replace(q), who: who, path: "/tickets?" + q}
	}
	return all
}
