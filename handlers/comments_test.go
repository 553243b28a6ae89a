package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
)

func TestACommentRedirectsToItsEntry(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	form := ana.get(web.TicketURL(id))
	got := ana.upload(web.TicketURL(id)+"/comments", url.Values{"text": {"More\r\nof it"}, "submission_id": {form.value(".composer [name=submission_id]")}}, nil)
	got.leadsTo(t, web.TicketURL(id)+"#s2")
	page := ana.follow(got).wants(t, 200, "Your comment is sent.", "More<br>of it")
	if page.text("#text") != "" {
		t.Error("the composer is not empty")
	}
}

func TestACommentByHtmxReturnsAnEmptyFormAndTheEntryAsAnUpdate(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	before := ana.get(web.TicketURL(id)).value(".composer [name=submission_id]")
	got := ana.post(web.TicketURL(id)+"/comments", url.Values{"text": {"More of it"}, "submission_id": {before}}, htmx...).wants(t, 200).lacks(t, "<html", "hx-partial")
	after := got.value("#reply [name=submission_id]")
	if after == "" {
		t.Error("the returned form has no key")
	}
	if after == before {
		t.Errorf("the returned form has the key %q, want a new one", after)
	}
	got.wantsText(t, "#text", "")
	if seq, _ := got.doc.Find("#reply").Attr("data-sent-seq"); seq != "2" {
		t.Errorf("the returned form has the sent entry %q", seq)
	}
	updates := ana.get(web.TicketURL(id)+"/events?after=1", htmx...).wants(t, 200, "More of it")
	updates.wantsElements(t, "[data-from='1'][data-to='2'] hx-partial[hx-target='#timeline'] #s2", "hx-partial[hx-target='#ticket-head'] h1")
	if updates.has("hx-partial #triage") {
		t.Error("the update replaces a form in which the user may be writing: the page has hx-partial #triage")
	}
	if updates.has("#chat-form") {
		t.Error("the update replaces a form in which the user may be writing: the page has #chat-form")
	}
	if updates.has("#reply") {
		t.Error("the update replaces a form in which the user may be writing: the page has #reply")
	}
}

func TestARefusedCommentKeepsItsText(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	long := strings.Repeat("x", 20001)
	for _, text := range []string{"", "  \n", long, "a\x00b"} {
		whole := ana.post(web.TicketURL(id)+"/comments", url.Values{"text": {text}, "submission_id": {"k"}}).wants(t, 422, "<html", "Error: ")
		whole.wantsElements(t, ".error-summary a[href='#text']")
		if got := whole.text("#text-error"); got == "" {
			t.Errorf("%.10q: the text of #text-error is empty", text)
		}
		whole.wantsValues(t, map[string]string{".composer [name=submission_id]": "k"})
		part := ana.post(web.TicketURL(id)+"/comments", url.Values{"text": {text}}, htmx...).wants(t, 422).lacks(t, "<html")
		if got := part.text("#text-error"); got == "" {
			t.Errorf("%.10q: the text of #text-error is empty", text)
		}
		part.wantsElements(t, "#text[aria-invalid=true][aria-describedby='text-hint text-error']")
		if text == long && whole.value("#text") != long {
			t.Error("the typed text is lost")
		}
	}
	if n := len(a.log(ana, id)); n != 0 {
		t.Errorf("%d entries were written", n)
	}
}

func TestARepeatedFormIsStoredOnceAndRefusedWithAnotherText(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	for range 3 {
		ana.post(web.TicketURL(id)+"/comments", url.Values{"text": {"Once"}, "submission_id": {"k"}}).leadsTo(t, web.TicketURL(id)+"#s2")
	}
	again := ana.post(web.TicketURL(id)+"/comments", url.Values{"text": {"Changed"}, "submission_id": {"k"}}).wants(t, 409, "already sent")
	key := again.value(".composer [name=submission_id]")
	again.wantsValues(t, map[string]string{"#text": "Changed"})
	if key == "k" {
		t.Fatalf("the key is %q, want a new one", key)
	}
	if key == "" {
		t.Fatal("the key is empty")
	}
	ana.post(web.TicketURL(id)+"/comments", url.Values{"text": {"Changed"}, "submission_id": {key}}).leadsTo(t, web.TicketURL(id)+"#s3")
	line := ana.post(web.TicketURL(id)+"/messages", url.Values{"text": {"Hi"}, "submission_id": {key}}).wants(t, 409)
	line.wantsValues(t, map[string]string{"#message": "Hi"}).wantsText(t, "#text", "")
}

func TestAChatMessageIsShownInTheChat(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana Kovač"), a.admin("Priya Nair")
	id := a.opensTicket(ana, "Mine")
	ana.post(web.TicketURL(id)+"/messages", url.Values{"text": {"Is somebody there?"}}).leadsTo(t, web.TicketURL(id)+"#s2")
	sent := priya.post(web.TicketURL(id)+"/messages", url.Values{"text": {"Yes.\nTell me."}}, "Accept", "application/json")
	sent.wants(t, 201)
	if got := strings.TrimSpace(sent.body); got != `{"seq":3}` {
		t.Errorf("the answer to a script: got %q, want %q", got, `{"seq":3}`)
	}
	got := priya.get(web.TicketURL(id)+"/events?after=1", htmx...).wants(t, 200, "Yes.<br>Tell me.")
	if text := got.text("hx-partial[hx-target='#chat-log'] #s2 b"); text != "Ana" {
		t.Errorf("the text of hx-partial[hx-target='#chat-log'] #s2 b is %q, want %q", text, "Ana")
	}
	if text := got.text("#s3.is-mine b"); text != "You" {
		t.Errorf("the text of #s3.is-mine b is %q, want %q", text, "You")
	}
	if got.has("#facts") {
		t.Error("the page has #facts")
	}
	if text := got.text("hx-partial[hx-target='#timeline'] .event"); !strings.Contains(text, "Chat: Ana Kovač, You · messages: 2") {
		t.Errorf("the timeline has %q", text)
	}
	bad := ana.post(web.TicketURL(id)+"/messages", url.Values{"text": {""}}).wants(t, 422)
	if !bad.has(".error-summary a[href='#message']") {
		t.Error("the error is at the wrong field: the page has no .error-summary a[href='#message']")
	}
	if bad.text("#message-error") == "" {
		t.Error("the error is at the wrong field: the text of #message-error is empty")
	}
	if bad.has("#text-error") {
		t.Error("the error is at the wrong field: the page has #text-error")
	}
}

func TestOnlyStaffMaySendAndResolve(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	id := a.opensTicket(ana, "Mine")
	ana.post(web.TicketURL(id)+"/comments", url.Values{"text": {"x"}, "then": {"resolved"}}).wants(t, 403)
	priya.post(web.TicketURL(id)+"/comments", url.Values{"text": {"Done"}, "then": {"nonsense"}}).wants(t, 422)
	priya.post(web.TicketURL(id)+"/comments", url.Values{"text": {"Done"}, "then": {"resolved"}}).leadsTo(t, web.TicketURL(id)+"#s2")
	got := ana.get(web.TicketURL(id)).wants(t, 200, "This will reopen the ticket.")
	got.wantsText(t, ".ticket-head .badge", "Resolved").lacksElements(t, "#facts button")
	ana.post(web.TicketURL(id)+"/comments", url.Values{"text": {"Not yet"}}).wants(t, http.StatusSeeOther)
	got = priya.get(web.TicketURL(id)).wants(t, 200)
	if text := got.text("#s5 p"); !strings.HasPrefix(text, "Ana’s comment opened the ticket again: Resolved to Open") {
		t.Errorf("the timeline has %q", text)
	}
	e := a.log(priya, id)
	if len(e) != 4 {
		t.Fatalf("got %d elements, want 4: %+v", len(e), e)
	}
	if got := e[3].Status().To; got != desk.StatusOpen {
		t.Errorf("the to is %q, want %q", got, desk.StatusOpen)
	}
}

func TestABodyOfAnotherTypeIsRefused(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	for kind, body := range map[string]string{
		"multipart/form-data": "x", "multipart/form-data; boundary=b": "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\ncut", "application/x-www-form-urlencoded": "text=%zz",
	} {
		ana.send(http.MethodPost, web.TicketURL(id)+"/comments", strings.NewReader(body), "Content-Type", kind).wants(t, 400)
	}
	ana.post(web.TicketURL(id)+"/comments", url.Values{"text": {strings.Repeat("x", 2<<20)}}).wants(t, 413)
}

func TestFilesOfACommentAreShownWithItsEntry(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	id := a.opensTicket(ana, "Mine")
	form := url.Values{"submission_id": {"k"}, "text": {"See these"}}
	files := []file{{"attachment", "notes.txt", "words"}, {"attachment", "more.txt", "more words"}}
	for range 2 {
		ana.upload(web.TicketURL(id)+"/comments", form, files).leadsTo(t, web.TicketURL(id)+"#s2")
	}
	got := priya.get(web.TicketURL(id)).wants(t, 200)
	n := got.doc.Find("#s2 .file").Length()
	if n != 2 {
		t.Fatalf("the entry has %d files, want 2", n)
	}
	got.wantsText(t, "#s2 .file b", "notes.txt")
	if text := got.text("#facts"); !strings.Contains(text, "2 files") {
		t.Fatalf(`the text of #facts is %q, want it with "2 files"`, text)
	}
	address, _ := got.doc.Find("#s2 .file").First().Attr("href")
	if body := priya.get(address).wants(t, 200).body; body != "words" {
		t.Errorf("the file holds %q", body)
	}
	ana.upload(web.TicketURL(id)+"/comments", form, append(files, file{"attachment", "other.txt", "else"})).wants(t, 409, "already sent", "other.txt")
}

func TestARefusedFileKeepsTheTextAndTheOtherFiles(t *testing.T) {
	a := newApp(t, func(o *desk.Options) { o.MaxUpload = 100 })
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	got := ana.upload(web.TicketURL(id)+"/comments", url.Values{"submission_id": {"k"}, "text": {"See these"}},
		[]file{{"attachment", "big.txt", strings.Repeat("x", 101)}, {"attachment", "empty.txt", ""}, {"attachment", "fine.txt", "words"}}).wants(t, 422)
	if text := got.text("#attachment-error"); !strings.Contains(text, "big.txt") {
		t.Errorf(`the text of #attachment-error is %q, want it with "big.txt"`, text)
	}
	got.wantsElements(t, ".error-summary a[href='#attachment']")
	got.wantsValues(t, map[string]string{"#text": "See these"}).wantsText(t, ".uploads b", "fine.txt")
	name := got.value(".uploads button[name=remove]")
	got = ana.post(web.TicketURL(id)+"/comments", url.Values{"submission_id": {"k"}, "text": {"See these"}, "remove": {name}}).wants(t, 200)
	got.lacksElements(t, ".upload").wantsValues(t, map[string]string{"#text": "See these"})
	if n := len(a.log(ana, id)); n != 0 {
		t.Errorf("%d entries were written", n)
	}
}

func TestAResolvedTicketExplainsReopeningAndOffersToStayResolved(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	at := web.TicketURL(a.opensTicket(ana, "Mine"))
	open := ana.get(at)
	if got := open.text("#reopens") + open.text("#chat-reopens"); got != "" {
		t.Errorf(`an open ticket has the text about reopening: got %q, want ""`, got)
	}
	open.lacksElements(t, "[name=then]")
	priya.post(at+"/status", url.Values{"status": {"RESOLVED"}})
	updates := ana.get(at+"/events?after=1", htmx...)
	page := ana.get(at)
	for what, got := range map[string]string{"page": page.text("#reopens"), "updates": updates.part("#reopens")} {
		if !strings.Contains(got, "This will reopen the ticket.") {
			t.Errorf(`%s: got %q, want it with "This will reopen the ticket."`, what, got)
		}
		if !strings.Contains(got, "Send, keep it resolved") {
			t.Errorf(`%s: got %q, want it with "Send, keep it resolved"`, what, got)
		}
	}
	if got := page.text("#chat-reopens"); !strings.Contains(got, "A message reopens this ticket.") {
		t.Errorf("the chat has %q", got)
	}
	priya.get(at).wantsText(t, "#reopens", "").lacksElements(t, "[name=then]")
	kept := ana.follow(ana.post(at+"/comments", url.Values{"text": {"Thank you"}, "then": {"keep"}}))
	if got := kept.text("#flash p") + " " + kept.text(".ticket-head .badge"); got != "Your comment is sent, and ticket #1 stays as it is. Resolved" {
		t.Errorf("after keeping it resolved: %q", got)
	}
	ana.post(at+"/comments", url.Values{"text": {"Not quite"}})
	if got := ana.get(at).text(".ticket-head .badge"); got != "Open" {
		t.Errorf("after an answer the ticket is %q", got)
	}
}

func TestAnEmptyChatIsCollapsed(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	at := web.TicketURL(a.opensTicket(ana, "Mine"))
	ana.get(at).lacksElements(t, "#chat-fold[open]").wantsElements(t, "#chat-fold #message", `.jump a[href="#message"]`)
	if refused := ana.post(at+"/messages", url.Values{"text": {" "}}); !refused.has("#chat-fold[open]") {
		t.Error("the chat with a refused message is collapsed")
	}
	ana.post(at+"/messages", url.Values{"text": {"Hello?"}})
	if page := ana.get(at); !page.has("#chat-fold[open]") {
		t.Error("a chat with messages is collapsed")
	}
}
