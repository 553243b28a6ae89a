package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/handlers/web"
)

func TestAReplyWithUnseenCommentsIsReturnedAndMarksThem(t *testing.T) {
	a := newApp(t)
	ana, priya, tom := a.customer("Ana"), a.admin("Priya"), a.admin("Tom")
	id := a.opensTicket(ana, "Mine")
	at := web.TicketURL(id) + "/comments"
	page := priya.get(web.TicketURL(id)).wants(t, 200)
	if page.value(".composer [name=seen]") != "1" {
		t.Fatalf("the form has seen %q", page.value(".composer [name=seen]"))
	}
	tom.post(at, url.Values{"text": {"I look into it"}})
	tom.post(at, url.Values{"text": {"It is mended"}})
	form := url.Values{"text": {"Tell me more"}, "seen": {"1"}, "submission_id": {page.value(".composer [name=submission_id]")}}
	files := []file{{"attachment", "notes.txt", "words"}}
	got := priya.upload(at, form, files).wants(t, http.StatusConflict, "<html", "<title>Error: ", "2 new since you were here")
	notice := got.text("#reply .notice[role=alert]")
	if !strings.Contains(notice, "Tom answered while you were writing. Nothing was sent; your reply is kept below.") {
		t.Errorf("the page has the notice %q", notice)
	}
	for _, selector := range []string{"#reply .notice a[href='#s2']", "#s2", "#s3", "main > .notice a[href='#reply']"} {
		if !got.has(selector) {
			t.Errorf("the page has no %s", selector)
		}
	}
	if value := got.value("#text"); value != "Tell me more" {
		t.Errorf("the value of #text is %q, want %q", value, "Tell me more")
	}
	if text := got.text(".uploads b"); text != "notes.txt" {
		t.Errorf("the text of .uploads b is %q, want %q", text, "notes.txt")
	}
	if text := got.text("#reply .btn-row button"); text != "Send all the same" {
		t.Errorf("the text of #reply .btn-row button is %q, want %q", text, "Send all the same")
	}
	if n := len(a.log(ana, id)); n != 2 {
		t.Fatalf("%d entries, want Tom's 2", n)
	}
	form.Set("seen", got.value(".composer [name=seen]"))
	form.Set("submission_id", got.value(".composer [name=submission_id]"))
	priya.upload(at, form, nil).leadsTo(t, web.TicketURL(id)+"#s4")
	sent := ana.get(web.TicketURL(id))
	sent.wantsText(t, "#s4 .file b", "notes.txt")
	if got := sent.text("#s4"); !strings.Contains(got, "Tell me more") {
		t.Errorf(`the text of #s4 is %q, want it with "Tell me more"`, got)
	}
	tom.post(at, url.Values{"text": {"One thing more"}})
	priya.upload(at, form, files).leadsTo(t, web.TicketURL(id)+"#s4") // the first form, sent again
}

func TestAnHtmxReplyWithUnseenCommentsReturnsOnlyTheForm(t *testing.T) {
	a := newApp(t)
	ana, priya, tom := a.customer("Ana"), a.admin("Priya"), a.admin("Tom")
	id := a.opensTicket(ana, "Mine")
	at := web.TicketURL(id) + "/comments"
	tom.post(at, url.Values{"text": {"It is mended"}})
	form := url.Values{"text": {"Is it mended?"}, "seen": {"1"}, "submission_id": {"k"}}
	for _, by := range []*client{priya, ana} {
		got := by.post(at, form, htmx...).wants(t, http.StatusConflict, "Tom answered while you were writing.", "Read the new answer").lacks(t, "<html", "id=\"timeline\"")
		got.wantsValues(t, map[string]string{"#reply #text": "Is it mended?", "#reply [name=seen]": "2", "#reply [name=submission_id]": "k"})
	}
	again := url.Values{"text": {"Is it mended?"}, "seen": {"2"}, "submission_id": {"k"}}
	sent := ana.post(at, again, htmx...).wants(t, 200)
	sent.wantsValues(t, map[string]string{"#reply [name=seen]": "3"}).lacksElements(t, ".notice")
}

func TestAReturnedFormKeepsItsSeenSeq(t *testing.T) {
	a := newApp(t)
	ana, priya, tom := a.customer("Ana"), a.admin("Priya"), a.admin("Tom")
	id := a.opensTicket(ana, "Mine")
	at := web.TicketURL(id) + "/comments"
	tom.post(at, url.Values{"text": {"It is mended"}})
	empty := priya.post(at, url.Values{"text": {""}, "seen": {"1"}}, htmx...).wants(t, 422)
	if empty.value("[name=seen]") != "1" {
		t.Errorf("the form alone has seen %q", empty.value("[name=seen]"))
	}
	whole := priya.post(at, url.Values{"text": {""}, "seen": {"1"}}).wants(t, 422, "1 new since", "It is mended")
	if whole.value(".composer [name=seen]") != "2" {
		t.Errorf("the page, which shows the comment, has seen %q", whole.value(".composer [name=seen]"))
	}
	earlier := priya.get(web.TicketURL(id)+"?before=2").wants(t, 200)
	if earlier.value(".composer [name=seen]") != "2" {
		t.Errorf("on earlier entries the form has seen %q", earlier.value(".composer [name=seen]"))
	}
}

func TestChatMessagesAndOwnCommentsDoNotStopAReply(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	id := a.opensTicket(ana, "Mine")
	ana.post(web.TicketURL(id)+"/comments", url.Values{"text": {"And one thing more"}})
	ana.post(web.TicketURL(id)+"/messages", url.Values{"text": {"Hello?"}})
	priya.post(web.TicketURL(id)+"/messages", url.Values{"text": {"Here I am"}})
	priya.post(web.TicketURL(id)+"/comments", url.Values{"text": {"Now in full"}, "seen": {"1"}}).leadsTo(t, web.TicketURL(id)+"#s5")
	priya.post(web.TicketURL(id)+"/comments", url.Values{"text": {"And once more"}, "seen": {"1"}}).leadsTo(t, web.TicketURL(id)+"#s6")
}

func TestATicketOnWhichTheCustomerHasWrittenIsNotResolvedOrLeftUnseen(t *testing.T) {
	deeds := map[string]string{"resolved": "Send and resolve all the same", "next": "Send and next all the same", "resolved next": "Send, resolve and next all the same"}
	verbs := map[string]string{"a comment": "wrote", "a chat message": "wrote", "a changed text": "changed the ticket"}
	for name, writes := range map[string]func(ana *client, ticket string){
		"a comment":      func(ana *client, ticket string) { ana.post(ticket+"/comments", url.Values{"text": {"One thing more"}}) },
		"a chat message": func(ana *client, ticket string) { ana.post(ticket+"/messages", url.Values{"text": {"One thing more"}}) },
		"a changed text": func(ana *client, ticket string) {
			form := ana.get(ticket + "/edit")
			ana.post(ticket, url.Values{"subject": {form.value("#subject") + "!"}, "description": {form.doc.Find("#description").Text()}, "category": {"1"}, "priority": {"Low"},
				"version": {form.value("[name=version]")}}).wants(t, http.StatusSeeOther)
		},
	} {
		for then, label := range deeds {
			t.Run(name+", "+then, func(t *testing.T) {
				a := newApp(t)
				ana, priya := a.customer("Ana"), a.admin("Priya")
				id := a.opensTicket(ana, "Mine")
				ticket := web.TicketURL(id)
				queue := priya.get("/dashboard").wants(t, 200)
				at := queue.doc.Find("#queue .subject-line > a").First().AttrOr("href", "")
				page := priya.get(at).wants(t, 200)
				action := page.doc.Find(".composer form").First().AttrOr("action", "")
				form := url.Values{"text": {"Done."}, "then": {then}, "seen": {page.value(".composer [name=seen]")}, "submission_id": {page.value(".composer [name=submission_id]")}}
				for range 2 { // the customer writes again after the reply was stopped
					writes(ana, ticket)
					got := priya.post(action, form).wants(t, http.StatusConflict)
					if notice := got.text("#reply .notice[role=alert]"); !strings.Contains(notice, "Ana "+verbs[name]+" while you were writing. Nothing was sent") {
						t.Errorf("the page has the notice %q", notice)
					}
					got.wantsElements(t, "#s2", "#reply .notice a[href]")
					main := "#reply .split-btn > button"
					got.wantsText(t, main, label)
					if value := got.doc.Find(main).First().AttrOr("name", ""); value != "then" {
						t.Errorf(`the name of the main button is %q, want "then"`, value)
					}
					if value := got.doc.Find(main).First().AttrOr("value", ""); value != then {
						t.Errorf("the value of the main button is %q, want %q", value, then)
					}
					if text := got.text("#reply .menu-panel button:not([name])"); text != "Only send" {
						t.Errorf("the other way to send is %q", text)
					}
					form.Set("seen", got.value(".composer [name=seen]"))
				}
				priya.post(action, form).wants(t, http.StatusSeeOther)
			})
		}
	}
}

func TestAPlainReplyIsSentThoughTheCustomerHasWritten(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	ticket := web.TicketURL(a.opensTicket(ana, "Mine"))
	ana.post(ticket+"/comments", url.Values{"text": {"One thing more"}})
	priya.post(ticket+"/comments", url.Values{"text": {"And this."}, "seen": {"1"}, "submission_id": {"a-key-of-the-test"}}).leadsTo(t, ticket+"#s3")
}

func TestTheNoticeOfAStoppedReplyNamesTheColleagueAndTheCustomer(t *testing.T) {
	a := newApp(t)
	ana, priya, tom, eva := a.customer("Ana"), a.admin("Priya"), a.admin("Tom"), a.admin("Eva")
	ticket := web.TicketURL(a.opensTicket(ana, "Mine"))
	tom.post(ticket+"/comments", url.Values{"text": {"It is mended"}})
	ana.post(ticket+"/comments", url.Values{"text": {"It is not"}})
	form := url.Values{"text": {"Done."}, "seen": {"1"}, "submission_id": {"a-key-of-the-test"}}
	priya.post(ticket+"/comments", form).wants(t, http.StatusConflict, "Tom answered and Ana wrote while you were writing.", "Read what is new")
	eva.post(ticket+"/comments", url.Values{"text": {"Now it is"}})
	priya.post(ticket+"/comments", form).wants(t, http.StatusConflict, "Colleagues answered and Ana wrote while you were writing.")
}

func TestAReplyThatWasStoppedStillOpensTheNextTicketIfAColleagueHasResolvedThisOne(t *testing.T) {
	a := newApp(t)
	ana, priya, tom := a.customer("Ana"), a.admin("Priya"), a.admin("Tom")
	ticket := web.TicketURL(a.opensTicket(ana, "Mine"))
	page := priya.get(priya.get("/dashboard").doc.Find("#queue .subject-line > a").First().AttrOr("href", ""))
	tom.post(ticket+"/comments", url.Values{"text": {"It is done."}, "then": {"resolved"}, "seen": {"1"}}).wants(t, http.StatusSeeOther)
	got := priya.post(page.doc.Find(".composer form").First().AttrOr("action", ""), url.Values{"text": {"Done."}, "then": {"resolved next"}, "seen": {"1"}}).wants(t, http.StatusConflict)
	main := got.doc.Find("#reply .split-btn > button").First()
	if got := main.AttrOr("value", ""); got != "next" {
		t.Errorf(`the value of the main button is %q, want "next"`, got)
	}
	if got := main.Text(); !strings.Contains(got, "Send and next all the same") {
		t.Errorf(`the main button is %q, want it with "Send and next all the same"`, got)
	}
}
