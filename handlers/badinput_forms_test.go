package handlers

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
	"frontdesk/views/ui"
)

// The forms that get bad input, and the test that no form is missing.

// target is a form: its path, its user, and valid values of its fields.
type target struct {
	path, by string
	good     url.Values
	slow     bool // the form hashes a password
	shows    bool // the page after it shows the typed values
}

// fields returns form values of pairs of name and value.
func fields(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values
}

// targets has all forms. An ID in a path is that of the only ticket, of the customer, of
// the only role, or of the first category.
var targets = []target{
	{"/register", "visitor", fields("username", "New", "email", "new@example.org", "password", password, "next", "/"), true, false},
	{"/register/1", "visitor", fields("password", password, "next", "/"), false, false},
	{"/login", "visitor", fields("email", "nobody@example.org", "password", password, "next", "/"), true, false},
	{"/password", "visitor", fields("email", "nobody@example.org"), false, false},
	{"/password/1", "visitor", fields("email", "nobody@example.org", "password", password), false, false},
	{"/account/email", "customer", fields("do", "keep"), false, false},
	{"/account/away", "admin", fields("do", "away", "back", ""), false, false},
	{"/account/notifications", "admin", fields("answer", "true", "status", "true", "assigned", "true", "mentioned", "true", "answered", "true", "opened", "true", "page", "true", "page_answer", "true", "page_status", "true", "page_assigned", "true", "page_mentioned", "true", "page_answered", "true", "page_opened", "true"), false, false},
	{"/account/theme", "customer", fields("theme", "dark"), false, false},
	{"/account/shortcuts", "admin", fields("shortcuts", "off"), false, false},
	{"/account/tokens", "customer", fields("name", "Nightly", "days", "30", "current", password), true, true},
	{"/account/sessions", "customer", fields("session", "x"), false, false},
	{"/account/profile", "customer", fields("username", "Ana", "email", "ana@example.org", "current", password), true, true},
	{"/account/password", "customer", fields("email", "ana@example.org", "current", password, "password", "another long password", "next", "/"), true, false},
	{"/tickets", "admin", fields("requester", "", "waiting", "1", "subject", "S", "description", "D", "category", "2", "priority", "Low", "submission_id", "", "remove", ""), false, true},
	{"/tickets/1", "customer", fields("subject", "S", "description", "D", "category", "2", "priority", "Low", "version", "1", "submission_id", "", "remove", "", "remove_file", ""), false, true},
	{"/tickets/1/comments", "admin", fields("text", "T", "then", "", "start", "1", "may_start", "1", "submission_id", "", "seen", "", "remove", ""), false, true},
	{"/tickets/1/notes", "admin", fields("text", "T", "kind", "note", "submission_id", "", "remove", ""), false, true},
	{"/tickets/1/mails/1", "admin", fields("do", "withdraw"), false, false},
	{"/tickets/1/followers", "admin", fields("follow", "yes"), false, false},
	{"/tickets/1/messages", "customer", fields("text", "T", "kind", "chat", "submission_id", ""), false, true},
	{"/tickets/1/status", "admin", fields("status", "RESOLVED", "version", "1"), false, false},
	{"/tickets/1/triage", "admin", fields("assignee", "none", "was_assignee", "none", "status", "OPEN", "priority", "Low", "category", "2", "version", "1", "return", "", "was_status", "CLOSED", "was_priority", "High", "was_category", "1"), false, false},
	{"/notifications/read", "admin", fields("upto", "1"), false, false},
	{"/admin/users", "admin", fields("username", "New", "email", "new@example.org", "role", "customer"), true, true},
	{"/admin/users/1/role", "admin", fields("role", "customer"), false, false},
	{"/admin/users/1/disabled", "admin", fields("disabled", "false"), false, false},
	{"/admin/invitations", "admin", fields("email", "new@example.org", "role", "agent", "join", "1"), false, false},
	{"/invitations/1", "visitor", fields("username", "New", "email", "new@example.org", "password", password), true, false},
	{"/admin/roles", "admin", roleFields, false, true},
	{"/admin/roles/1", "admin", roleFields, false, true},
	{"/admin/settings", "admin", fields("first_reply_assigns", "true", "automatic_assignment", "false", "open_tickets_per_agent", "20", "invitation_days", "7", "version", "1"), false, false},
	{"/admin/system/checks", "admin", nil, false, false},
	{"/admin/system/events", "admin", fields("consumer", "notifications", "ticket", "1", "seq", "2"), false, false},
	{"/admin/mail/1", "admin", fields("do", "retry"), false, false},
	{"/admin/mailboxes", "admin", mailboxFields, false, false}, // a second one with its address is refused
	{"/admin/mailboxes/1", "admin", mailboxFields, false, true},
	{"/admin/mailboxes/1/paused", "admin", fields("paused", "true"), false, false},
	{"/views", "admin", fields("name", "New", "query", "", "share", "me"), false, true},
	{"/views/1", "admin", fields("name", "New", "query", "", "share", "me", "do", "save", "was_name", "Urgent", "was_query", "", "was_share", "me"), false, true},
	{"/admin/categories", "admin", fields("name", "New"), false, true},
	{"/admin/categories/1", "admin", fields("name", "New", "do", "rename"), false, true},
	{"/tickets/1/assignment", "admin", fields("assignee", "none", "team", "none", "was_assignee", "none", "was_team", "none", "return", ""), false, false},
	{"/admin/teams", "admin", fields("name", "New", "private", "true"), false, true},
	{"/admin/teams/1", "admin", fields("name", "New", "private", "true", "was_name", "Repairs", "was_private", "true"), false, true},
	{"/admin/teams/1/members", "admin", fields("member", "Priya", "user", "", "lead", "true"), false, false},
	{"/admin/teams/1/members/1", "admin", fields("do", "lead"), false, false},
	{"/admin/teams/1/retire", "admin", fields("team", "none"), false, false},
}

// roleFields are the fields of a role.
var roleFields = fields("name", "New", "see_all", "true", "reply", "true", "note", "true", "triage", "true", "delete", "true", "manage_users", "true", "manage_desk", "true", "version", "1")

// mailboxFields are the fields of a mailbox.
var mailboxFields = fields("address", "support@example.org", "from_name", "Support", "host", "127.0.0.1", "port", "25", "security", "none", "user", "support", "password", "a secret of the mailbox",
	"signature", "{agent}, {desk}", "rate", "0", "default", "true", "version", "1")

// formless has the paths of actions that read no field.
var formless = []string{"/logout", "/unsubscribe/1", "/tickets/1/delete", "/tickets/1/notes/1/delete", "/views/1/delete", "/uploads/1", "/uploads/1/delete", "/uploads", "/account/tokens/1/revoke", "/admin/users/1/sessions", "/admin/users/1/password", "/admin/trash/1/restore", "/admin/teams/1/restore", "/admin/roles/1/delete", "/admin/mailboxes/1/test", "/admin/mailboxes/1/delete", "/admin/invitations/1/link", "/admin/invitations/1/revoke", "/email/1"}

// clients has the users of one app by role. The app has one ticket, which belongs to the
// customer.
type clients map[string]*client

// newClients starts a desk that has one of everything that a path can name, and returns
// its clients.
func newClients(t *testing.T) clients {
	t.Helper()
	a := newApp(t, unlimited, sendsMail)
	customer := a.customer("Ana") // the account 1
	a.ticketWithFile(customer)
	a.exec("insert into roles (name, name_key) values ('Light agent', 'light agent')")
	a.team("Billing", false)
	a.exec("update mailboxes set is_environment = false, outbound = 'x'") // so that all fields of the mailbox 1 can be changed
	priya := a.admin("Priya")
	priya.savesView("Open", "status=OPEN")
	return clients{"visitor": a.visitor(), "customer": customer, "admin": priya}
}

// unlimited raises the limits for tests that send many requests. It removes the limit of
// messages, because these tests compare the database before and after a request, and its
// counter is written before a request is refused.
func unlimited(o *desk.Options) {
	many := limit.Limit{N: 100_000, Per: time.Second}
	o.Limits = limit.Limits{SignIn: many, Register: many, Tickets: many, Uploads: many}
}

// attackedPages has the pages, by role, that show accepted input.
var attackedPages = map[string][]string{
	"customer": {"/tickets", "/tickets/1", "/tickets/1/edit", "/tickets/1/delete", "/account", "/account/notifications", "/notifications"},
	"admin": {"/notifications", "/tickets", "/tickets/1", "/tickets/1/edit", "/dashboard", "/account", "/admin/users", "/admin/users/1", "/admin/invitations", "/admin/roles", "/admin/roles/1", "/admin/settings", "/admin/system", "/admin/mailboxes", "/admin/mailboxes/1", "/admin/mailboxes/1/delete", "/admin/categories", "/admin/teams", "/admin/teams/1",
		"/tickets/new", "/admin/trash", "/views", "/views?query=status%3DOPEN"},
}

func TestEveryFormHasABadInputTarget(t *testing.T) {
	c := newClients(t)
	known := map[string]url.Values{}
	for _, to := range targets {
		known[to.path] = to.good
	}
	for _, path := range formless {
		known[path] = url.Values{}
	}
	number := regexp.MustCompile(`/(\d+|[a-z2-7]{26})\b`)
	pages := map[string][]string{"visitor": {"/login", "/register", "/password"}}
	maps.Copy(pages, attackedPages)
	pages["customer"] = append(pages["customer"], "/tickets/new")
	pages["admin"] = append(pages["admin"], "/admin/users/new", "/admin/mailboxes/new")
	for by, all := range pages {
		for _, at := range all {
			got := c[by].get(at)
			got.doc.Find("form[method=post]").Each(func(_ int, f *goquery.Selection) {
				action, id := number.ReplaceAllString(regexp.MustCompile(`[?#].*`).ReplaceAllString(f.AttrOr("action", at), ""), "/1"), f.AttrOr("id", "-")
				good, ok := known[action]
				if !ok {
					t.Errorf("the form %s on %s has no target: add it to targets (badinput_forms_test.go)", action, at)
				}
				f.Find("[name]").AddSelection(got.doc.Find("[name][form='" + id + "']")).Each(func(_ int, box *goquery.Selection) {
					name := box.AttrOr("name", "")
					if name == ui.SenderField || strings.HasPrefix(name, "after-") { // tested in sender_test.go; never read
						return
					}
					hasFields := ok && len(good) > 0
					if hasFields && !good.Has(name) && box.AttrOr("type", "") != "file" {
						t.Errorf("the target of the field %s of %s is missing", name, action)
					}
				})
			})
		}
	}
	for _, r := range withoutDesk().pageRoutes() {
		path := strings.NewReplacer(":id", "1", ":name", "1", ":user", "1", ":token", "1", ":seq", "1").Replace(r.Path)
		if _, ok := known[path]; r.Method == http.MethodPost && !ok {
			t.Errorf("%s has no target: add its fields to targets, or its path to formless (badinput_forms_test.go)", path)
		}
	}
}
