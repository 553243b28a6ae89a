package handlers

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
)

// slowTalk limits comments and chat messages to one in an hour.
func slowTalk(o *desk.Options) { o.Limits.Talk = limit.Limit{N: 1, Per: time.Hour} }

func TestARateLimitedCommentKeepsItsTextAndFiles(t *testing.T) {
	a := newApp(t, slowTalk)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	at := web.TicketURL(id) + "/comments"
	ana.post(at, url.Values{"text": {"One"}}).leadsTo(t, web.TicketURL(id)+"#s2")
	form := url.Values{"text": {"Two"}, "submission_id": {"k"}}
	got := ana.upload(at, form, []file{{"attachment", "notes.txt", "words"}}).wants(t, 429, "<html", "<title>Error: ")
	if value := got.value("#text"); value != "Two" {
		t.Errorf("the value of #text is %q, want %q", value, "Two")
	}
	if text := got.text(".uploads b"); text != "notes.txt" {
		t.Errorf("the text of .uploads b is %q, want %q", text, "notes.txt")
	}
	if value := got.value(".composer [name=submission_id]"); value != "k" {
		t.Errorf("the value of .composer [name=submission_id] is %q, want %q", value, "k")
	}
	got.wantsHeader(t, "Retry-After", "3600")
	if text := got.text("#reply .notice"); !strings.Contains(text, "send it again in 60 minutes") {
		t.Errorf(`the text of #reply .notice is %q, want it with "send it again in 60 minutes"`, text)
	}
	part := ana.post(at, form, htmx...).wants(t, 429, "Too many attempts. Try again in 60 minutes.").lacks(t, "<", "go back")
	if part.Header.Get("Retry-After") == "" {
		t.Error("the answer to htmx has no time to retry")
	}
	a.later(time.Hour)
	ana.post(at, form).leadsTo(t, web.TicketURL(id)+"#s3")
}

func TestARateLimitedMessageStaysInTheChatForm(t *testing.T) {
	a := newApp(t, slowTalk)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	at := web.TicketURL(id) + "/messages"
	ana.post(at, url.Values{"text": {"One"}}).leadsTo(t, web.TicketURL(id)+"#s2")
	got := ana.post(at, url.Values{"text": {"Two"}, "submission_id": {"k"}}).wants(t, 429)
	if value := got.value("#message"); value != "Two" {
		t.Errorf("the value of #message is %q, want %q", value, "Two")
	}
	if value := got.value("#chat-form [name=submission_id]"); value != "k" {
		t.Errorf("the value of #chat-form [name=submission_id] is %q, want %q", value, "k")
	}
	if !got.has("#chat-form .notice") {
		t.Error("the page has no #chat-form .notice")
	}
	if value := got.value("#text"); value != "" {
		t.Errorf("the value of #text is %q, want %q", value, "")
	}
	script := ana.post(at, url.Values{"text": {"Two"}}, "Accept", "application/json").wants(t, 429, `"error":`)
	if script.Header.Get("Retry-After") == "" {
		t.Error("the answer to a script has no Retry-After")
	}
}

func TestAScriptGetsTheErrorOfAMessageInJSON(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	at := web.TicketURL(a.opensTicket(ana, "Mine")) + "/messages"
	script := []string{"Accept", "application/json"}
	ana.post(at, url.Values{"text": {""}}, script...).wants(t, 422, `"fields":{"text":"Write something first."}`)
	ana.post(at, url.Values{"text": {"One"}, "submission_id": {"k"}}, script...).wants(t, 201)
	ana.post(at, url.Values{"text": {"Two"}, "submission_id": {"k"}}, script...).wants(t, 409, `"error":`).lacks(t, "<")
}

func TestARateLimitedEditKeepsItsText(t *testing.T) {
	a := newApp(t, slowTalk)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	ana.post(web.TicketURL(id)+"/messages", url.Values{"text": {"One"}})
	form := aForm("k")
	form.Set("version", "1")
	form.Set("subject", "Other words")
	got := ana.post(web.TicketURL(id), form).wants(t, 429, "Too many attempts")
	got.wantsValues(t, map[string]string{"#subject": "Other words"})
	if value := got.Header.Get("Retry-After"); value == "" {
		t.Error("Retry-After is empty")
	}
}

func TestARateLimitedTriageKeepsItsChoice(t *testing.T) {
	a := newApp(t, slowTalk)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	at := web.TicketURL(a.opensTicket(ana, "Mine"))
	priya.post(at+"/messages", url.Values{"text": {"One"}})
	choice := url.Values{"status": {"CLOSED"}, "priority": {"Urgent"}, "category": {"2"}, "version": {"1"}}
	for _, back := range []string{"", "/dashboard"} {
		choice.Set("return", back)
		got := priya.post(at+"/triage", choice).wants(t, 429, "<html", "<title>Error: ", "Nothing was saved")
		got.wantsValues(t, map[string]string{"#status option[selected]": "CLOSED", "#category option[selected]": "2"})
		after := got.Header.Get("Retry-After")
		if after == "" {
			t.Error("Retry-After is empty")
		}
		got.wantsElements(t, "#triage .notice")
		priya.post(at+"/triage", choice, htmx...).wants(t, 429).lacks(t, "<")
	}
	ana.post(at+"/messages", url.Values{"text": {"Two"}})
	got := ana.post(at+"/status", url.Values{"status": {"RESOLVED"}}).wants(t, 429, "Nothing was saved")
	got.wantsElements(t, ".notice a[href='#facts']", "#facts [name=status]")
}
