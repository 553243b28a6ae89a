package handlers

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/listing"
)

// opens opens a ticket by a call of the service.
func (c *client) opens(subject string) desk.Ticket {
	c.app.t.Helper()
	t, err := c.app.desk.Tickets.Open(c.app.t.Context(), c.self(), desk.TicketInput{
		Subject: subject, Description: "It began this morning.", Category: "Technical", Priority: "High", SubmissionID: web.NewSubmissionID()})
	if err != nil {
		c.app.t.Fatal(err)
	}
	return t
}

func TestACustomerSeesOnlyTheirOwnTickets(t *testing.T) {
	a := newApp(t)
	ana, sam := a.customer("Ana"), a.customer("Sam")
	ana.get("/tickets").wants(t, 200, "No tickets yet", "Open your first ticket")
	ana.opens("The brake squeaks")
	sam.opens("The light is dark")
	ana.get("/tickets").wants(t, 200, "The brake squeaks", "My tickets").lacks(t, "The light is dark")
	if got := ana.get("/tickets").text(".ticket-no"); got != "#1" {
		t.Errorf("the number is %q", got)
	}
	ana.get("/tickets?q=light").wants(t, 200, "Nothing matches “light”").lacks(t, "The light is dark")
	staff := a.admin("Priya").get("/tickets").wants(t, 200, "The brake squeaks", "The light is dark")
	if got := staff.doc.Find("#queue tbody tr").Length(); got != 2 {
		t.Errorf("%d rows", got)
	}
}

func TestFiltersAreASingleFormInThePageAndTheFragment(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	for i := range 3 {
		ana.opens(fmt.Sprintf("Number %d", i))
	}
	a.exec("update tickets set status = 'CLOSED' where subject = 'Number 1'")
	got := ana.get("/tickets?status=CLOSED&q=number&category=technical&priority=High&sort=oldest").wants(t, 200, "Number 1").lacks(t, "Number 0")
	if value := got.value("#q"); value != "number" {
		t.Errorf("the form does not show the filters: the value of #q is %q, want %q", value, "number")
	}
	if text := got.text("#category option[selected]"); text != "Technical" {
		t.Errorf("the form does not show the filters: the text of #category option[selected] is %q, want %q", text, "Technical")
	}
	if text := got.text("#sort option[selected]"); text != "Oldest first" {
		t.Errorf("the form does not show the filters: the text of #sort option[selected] is %q, want %q", text, "Oldest first")
	}
	part := ana.get("/tickets?status=CLOSED", htmx...).wants(t, 200, "Number 1").lacks(t, "<html", "Number 0")
	if !strings.Contains(part.Header.Get("Vary"), "HX-Request") {
		t.Errorf("Vary is %q", part.Header.Get("Vary"))
	}
	ana.get("/tickets?status=nonsense&sort=%27&after=%00&category=%ff&requester=1").wants(t, 200, "Number 0", "Number 1")
}

func TestALongListHasLinksToBothDirections(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	for i := range listing.PageSize + 5 {
		ana.opens(fmt.Sprintf("Number %d", i))
	}
	first := ana.get("/tickets").wants(t, 200)
	older, _ := first.doc.Find("a[rel=next]").Attr("href")
	first.lacksElements(t, "a[rel=prev]")
	if older == "" {
		t.Fatal("the first page's links are wrong: the link to older tickets is missing")
	}
	second := ana.get(older).wants(t, 200)
	newer, _ := second.doc.Find("a[rel=prev]").Attr("href")
	n := second.doc.Find(".ticket-row").Length()
	if n != 5 {
		t.Fatalf("the second page has %d tickets, want 5", n)
	}
	second.lacksElements(t, "a[rel=next]")
	if newer == "" {
		t.Fatal("the second page has no link to newer tickets")
	}
	back := ana.get(newer).wants(t, 200)
	if back.text(".ticket-row h2") != first.text(".ticket-row h2") {
		t.Error("the link back goes to another page")
	}
}

func TestTheOrderByWaitIsOnlyForUnresolvedTickets(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	ana.opens("The brake squeaks")
	ana.opens("The light is dark")
	a.exec("update tickets set status = 'CLOSED', waiting_since = null where subject = 'The light is dark'")
	page := priya.get("/tickets?sort=waiting").wants(t, 200, "The brake squeaks").lacks(t, "The light is dark")
	if got := page.text("#status option[selected]"); got != "Unresolved" {
		t.Errorf("the status is %q", got)
	}
	priya.get("/tickets?sort=waiting&status="+page.doc.Find("#status option").Last().AttrOr("value", "")).wants(t, 200, "The brake squeaks", "The light is dark")
}

func TestTheTextsOfARowAreSeparatedWithoutAStylesheet(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	at := ana.opened(aForm("k"), file{"attachment", "a.txt", "one"})
	priya.post(at+"/comments", url.Values{"text": {"We look."}})
	subject := ana.get("/tickets").text(".ticket-row h2 a")
	for who, row := range map[*client]struct{ cells, want string }{ana: {".ticket-row .meta", "#1 Technical Medium 1 comment 1 file Updated just now"}, priya: {"#queue td.subject", subject + " (unread) Ana"}} {
		if got := strings.Join(strings.Fields(who.get("/tickets").doc.Find(row.cells).Text()), " "); got != row.want {
			t.Errorf("the row for %s is %q, want %q", who.name, got, row.want)
		}
	}
	if got := strings.Join(strings.Fields(priya.get("/reports").doc.Find("#figures li").First().Text()), " "); got != "Open 1 not started" {
		t.Errorf("a figure is %q", got)
	}
}

func TestFiltersOfPagesIgnoreSpacesAroundAValue(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	ana.opens("The lamp flickers")
	ana.opens("The fan is loud")
	a.exec("update tickets set status = 'CLOSED' where subject = 'The fan is loud'")
	for path, who := range map[string]*client{"/tickets": ana, "/tickets?": priya, "/dashboard": priya} {
		got := who.get(strings.TrimSuffix(path, "?")+"?status=%20CLOSED%20&priority=%20High").wants(t, 200)
		if rows := got.text(".ticket-row h2") + got.text("#queue td.subject .subject-line > a"); rows != "The fan is loud" {
			t.Errorf("%s of %s shows %q, want only the closed ticket", path, who.name, rows)
		}
	}
}

func TestTheFormOfAListKeepsTheFiltersThatItDoesNotShow(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	ana.opens("The lamp flickers")
	query := fmt.Sprintf("?status=OPEN&requester=%d&priority=High", ana.self().ID)
	for _, path := range []string{"/tickets", "/dashboard"} {
		got := priya.get(path+query).wants(t, 200)
		hidden := url.Values{}
		got.doc.Find("form.filters input[type=hidden]").Each(func(_ int, s *goquery.Selection) {
			hidden.Set(s.AttrOr("name", ""), s.AttrOr("value", ""))
		})
		want := fmt.Sprintf("requester=%d", ana.self().ID)
		if got := hidden.Encode(); got != want {
			t.Errorf("%s: the hidden is %q, want %q", path, got, want)
		}
		got.wantsText(t, "#status option[selected]", "Open")
	}
}
