package handlers

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/desk"
)

func TestASignedLinkFetchesOneFileForFiveMinutes(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	ana, nobody := c.program(), &program{app: a}
	made := ana.upload("POST", "/tickets", map[string]string{"subject": "S", "description": "D", "category": "Billing", "priority": "Low"}, map[string]string{"attachment": "the invoice"}).wants(201)
	name := strings.TrimPrefix(made.get("attachment").(string), "/uploads/")
	got := ana.send("POST", "/uploads/"+name+"/link", nil).wants(201)
	link := got.get("url").(string)
	if got.number("expiresIn") != 300 || !strings.HasPrefix(link, "/uploads/"+name+"?") {
		t.Errorf("the link is %s", got.body)
	}
	file := nobody.send("GET", link, nil).wants(200)
	if string(file.body) != "the invoice" || file.Header.Get("Cache-Control") != "private, no-store" || !strings.Contains(file.Header.Get("Content-Security-Policy"), "sandbox") || len(file.Cookies()) > 0 {
		t.Errorf("%q with %v", file.body, file.Header)
	}
	nobody.send("HEAD", link, nil).wants(200)

	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	_, other := a.ticketWithFile(c)
	for what, forged := range map[string]string{
		"another file": strings.Replace(link, name, other, 1), "an empty signature": u.Path + "?sign=&until=" + u.Query().Get("until"),
		"half of it": u.Path + "?until=" + u.Query().Get("until") + "&sign=" + u.Query().Get("sign")[:20], "a later end": strings.Replace(link, "until=", "until=9", 1), "no end": u.Path + "?sign=" + u.Query().Get("sign"),
		"twice the end": u.Path + "?until=9999999999&" + u.RawQuery, "rubbish": u.Path + "?until=x&sign=%00",
	} {
		if got := nobody.send("GET", forged, nil); got.StatusCode != 401 || got.get("error") == nil {
			t.Errorf("%s: %d %q", what, got.StatusCode, got.body)
		}
	}
	a.later(5*time.Minute - 2*time.Second)
	nobody.send("GET", link, nil).wants(200)
	a.later(4 * time.Second)
	nobody.send("GET", link, nil).wants(401)
	ana.send("GET", link, nil).wants(200) // who has a right by themselves keeps it
}

func TestALinkEndsWithItsTicketAndIsMadeByThoseWhoSeeTheFile(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	ana, boris, boss := c.program(), a.customer("Boris").program(), a.admin("Boss").program()
	ticket, name := a.ticketWithFile(c)
	boris.send("POST", "/uploads/"+name+"/link", nil).wants(404)
	(&program{app: a}).send("POST", "/uploads/"+name+"/link", nil).wants(401)
	ana.send("POST", "/uploads/"+a.stagedBy(c)+"/link", nil).wants(404)
	for _, bad := range []string{strings.Repeat("a", 26), "x", "%00", "%ff", "..%2f..%2fetc"} {
		if got := ana.send("POST", "/uploads/"+bad+"/link", nil); got.StatusCode != 404 {
			t.Errorf("%s: %d", bad, got.StatusCode)
		}
	}
	link := boss.send("POST", "/uploads/"+name+"/link", nil).wants(201).get("url").(string)
	(&program{app: a}).send("GET", link, nil).wants(200)
	if err := a.desk.DeleteTicket(t.Context(), c.actor(desk.RoleCustomer), ticket); err != nil {
		t.Fatal(err)
	}
	(&program{app: a}).send("GET", link, nil).wants(404)
}
