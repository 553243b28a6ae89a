package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
)

// aForm returns the values of a valid ticket form with a submission id.
func aForm(key string) url.Values {
	return url.Values{"submission_id": {key}, "subject": {"No light"}, "description": {"It went out."}, "category": {"2"}, "priority": {"Medium"}}
}

// opened opens a ticket by the form and returns its address.
func (c *client) opened(form url.Values, files ...file) string {
	c.app.t.Helper()
	got := c.upload("/tickets", form, files)
	to := got.Header.Get("Location")
	got.wants(c.app.t, http.StatusSeeOther)
	if !strings.HasPrefix(to, "/tickets/") {
		c.app.t.Fatalf(`not opened: got %q, want the prefix "/tickets/"`, to)
	}
	return to
}

func TestATicketIsOpenedWithFilesAndShown(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	page := c.get("/tickets/new").wants(t, 200, "New ticket", "Up to 5 files, 10 MiB each", "Medium: this week would be good")
	if got := page.value("input[name=submission_id]"); got == "" {
		t.Error("the form lacks its key or a category to choose: the value of input[name=submission_id] is empty")
	}
	page.wantsElements(t, "select#category option[value='']")
	to := c.opened(aForm(page.value("input[name=submission_id]")), file{"attachment", "a.txt", "one"}, file{"attachment", "b.txt", "two"})
	shown := c.get(to).wants(t, 200, "is sent.", "No light", "It went out.", "a.txt", "b.txt")
	link, _ := shown.doc.Find("a[href^='/uploads/']").First().Attr("href")
	if got := c.get(link).wants(t, 200); got.body != "one" {
		t.Errorf("the file holds %q", got.body)
	}
}

func TestAFormSentFiftyTimesOpensOneTicket(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	places := make([]string, 50)
	var group sync.WaitGroup
	for i := range places {
		group.Go(func() {
			got := c.upload("/tickets", aForm("k"), []file{{"attachment", "a.txt", "one"}})
			places[i] = fmt.Sprint(got.StatusCode, got.Header.Get("Location"))
		})
	}
	group.Wait()
	slices.Sort(places)
	const busy = "429" // the user has more concurrent uploads than allowed
	if !strings.HasPrefix(places[0], "303/tickets/") {
		t.Fatalf("got %v, want a redirect to the ticket first", places)
	}
	for _, p := range places {
		if p != places[0] && p != busy {
			t.Fatalf("got %v, want one redirect and the status %s", places, busy)
		}
	}
}

func TestMissingFieldsAreReportedAndFilesAreKept(t *testing.T) {
	a := newApp(t, func(o *desk.Options) { o.MaxUpload = 1 << 20 })
	c := a.customer("Ana")
	form := aForm("k")
	form.Set("subject", " ")
	form.Set("description", "\nfirst line is <empty>")
	got := c.upload("/tickets", form, []file{
		{"attachment", "good.txt", "good"}, {"attachment", "video.mov", strings.Repeat("x", 3<<19)},
		{"attachment", "none.txt", ""}, {"attachment", "fine.txt", "fine"},
	}).wants(t, 422, "good.txt", "fine.txt")
	if text := got.text("#subject-error"); !strings.Contains(text, "Write a subject") {
		t.Errorf("the error of the subject: %q", text)
	}
	if text := got.text("#attachment-error"); !strings.Contains(text, "video.mov has 1.5 MiB; the limit is 1 MiB") {
		t.Errorf("the error of the files: %q", text)
	}
	if text := got.doc.Find("#description").Text(); text != "\nfirst line is <empty>" {
		t.Errorf("typed text is lost: the text of #description is %q, want %q", text, "\nfirst line is <empty>")
	}
	got.wantsElements(t, "#category option[value='2'][selected]")
	if text := got.text("title"); !strings.HasPrefix(text, "Error: ") {
		t.Errorf(`typed text is lost: the text of title is %q, want the prefix "Error: "`, text)
	}
	if n := got.doc.Find(".upload[data-state=done]").Length(); n != 2 {
		t.Errorf("%d files kept", n)
	}
	form.Set("remove", got.value(".upload button[name=remove]"))
	got = c.post("/tickets", form).wants(t, 200, "fine.txt", "first line is").lacks(t, "good.txt", "is-invalid")
	form.Del("remove")
	form.Set("subject", "Now")
	shown := c.get(c.opened(form)).wants(t, 200, "fine.txt").lacks(t, "good.txt", "video.mov")
	if n := shown.doc.Find("a[href^='/uploads/']").Length(); n != 1 {
		t.Errorf("%d files", n)
	}
}

func TestTheSixthFileIsRefused(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	var files []file
	for i := range 6 {
		files = append(files, file{"attachment", fmt.Sprintf("%d.txt", i), fmt.Sprint(i)})
	}
	got := c.upload("/tickets", aForm("k"), files).wants(t, 422)
	if text := got.text("#attachment-error"); !strings.Contains(text, "5.txt is one too many") {
		t.Errorf("got %q", text)
	}
	c.get(c.opened(aForm("k"))).wants(t, 200, "0.txt", "4.txt").lacks(t, "5.txt")
}

func TestAnEditedFormAfterBackOpensAnotherTicket(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	first := c.opened(aForm("k"))
	form := aForm("k")
	form.Set("description", "And one more thing.")
	got := c.upload("/tickets", form, []file{{"attachment", "late.txt", "late"}}).wants(t, 409, "And one more thing.", "late.txt", "already sent")
	form.Set("submission_id", got.value("input[name=submission_id]"))
	if second := c.opened(form); second == first {
		t.Error("the second text was stored in the first ticket")
	} else {
		c.get(second).wants(t, 200, "late.txt")
	}
}

func TestAFormIsKeptWhenTheSessionEnds(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	if _, err := a.pool.Exec(t.Context(), "update sessions set revoked_at = now()"); err != nil {
		t.Fatal(err)
	}
	c.post("/tickets", aForm("k")).leadsTo(t, "/login?next=%2Ftickets%2Fnew")
	c.signIn()
	c.head("/tickets/new").wants(t, 200)
	got := c.get("/tickets/new").wants(t, 200, "It went out.")
	got.wantsValues(t, map[string]string{"#subject": "No light", "#category option[selected]": "2", "input[name=submission_id]": "k"})
}

func TestAStaleEditKeepsTheTypedText(t *testing.T) {
	a := newApp(t)
	c, staff := a.customer("Ana"), a.admin("Priya")
	at := c.opened(aForm("k"), file{"attachment", "old.txt", "old"})
	page := c.get(at+"/edit").wants(t, 200, "Edit ticket #", "old.txt", "It went out.")
	theirs := aForm("s")
	theirs.Set("subject", "Theirs")
	theirs.Set("version", "1")
	staff.post(at, theirs).leadsTo(t, at)
	mine := aForm(page.value("input[name=submission_id]"))
	mine.Set("subject", "Mine")
	mine.Set("version", page.value("input[name=version]"))
	mine.Set("remove_file", page.value("input[name=remove_file]"))
	got := c.upload(at, mine, []file{{"attachment", "new.txt", "new"}}).wants(t, 409, "changed while you were editing", "Theirs", "new.txt")
	if value := got.value("#subject"); value != "Mine" {
		t.Errorf("the value of #subject is %q, want %q", value, "Mine")
	}
	if value := got.value("input[name=version]"); value != "2" {
		t.Errorf("the value of input[name=version] is %q, want %q", value, "2")
	}
	if !got.has("input[name=remove_file][checked]") {
		t.Error("the page has no input[name=remove_file][checked]")
	}
	mine.Set("version", "2")
	c.upload(at, mine, nil).leadsTo(t, at)
	c.upload(at, mine, nil).leadsTo(t, at) // a double click
	shown := c.get(at).wants(t, 200, "Mine", "new.txt", "removed <bdi>old.txt</bdi>")
	if n := shown.doc.Find("a[href^='/uploads/']").Length(); n != 1 {
		t.Errorf("%d links to files", n)
	}
}

func TestAKeptEditDoesNotOverwriteLaterChanges(t *testing.T) {
	a := newApp(t)
	c, staff := a.customer("Ana"), a.admin("Priya")
	at := c.opened(aForm("k"))
	mine := aForm("e")
	mine.Set("subject", "Mine")
	mine.Set("version", c.get(at+"/edit").value("input[name=version]"))
	theirs := aForm("s")
	theirs.Set("subject", "Theirs")
	theirs.Set("version", "1")
	staff.post(at, theirs).leadsTo(t, at)
	if _, err := a.pool.Exec(t.Context(), "update sessions set revoked_at = now()"); err != nil {
		t.Fatal(err)
	}
	c.post(at, mine).wants(t, 303)
	c.signIn()
	got := c.get(at+"/edit").wants(t, 200, "changed while you were editing", "Theirs")
	got.wantsValues(t, map[string]string{"#subject": "Mine", "input[name=version]": "2"})
}

func TestAnInvalidEditIsShownAgain(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	at := c.opened(aForm("k"))
	form := aForm("e")
	form.Set("version", "1")
	form.Set("description", "")
	got := c.post(at, form).wants(t, 422, "Write what happened")
	got.wantsValues(t, map[string]string{"#subject": "No light"}).wantsElements(t, "form[action='"+at+"']")
}

func TestADeletionIsConfirmedAndCanBeUndoneByStaff(t *testing.T) {
	a := newApp(t)
	c, staff := a.customer("Ana"), a.admin("Priya")
	at := c.opened(aForm("k"), file{"attachment", "a.txt", "one"})
	c.get(at+"/delete").wants(t, 200, "Delete this ticket?", "No light", "This also deletes 1 file.")
	c.post(at+"/delete", nil).leadsTo(t, "/tickets")
	for _, who := range []*client{c, staff} {
		who.get(at).wants(t, 404)
		who.get(at+"/edit").wants(t, 404)
		who.post(at+"/delete", nil).wants(t, 404)
	}
	c.get("/admin/trash").wants(t, 403)
	page := staff.get("/admin/trash").wants(t, 200, "No light", "Ana")
	action, _ := page.doc.Find("form[action^='/admin/trash/']").Attr("action")
	c.post(action, nil).wants(t, 403)
	staff.post(action, nil).leadsTo(t, at)
	staff.post(action, nil).wants(t, 404)
	c.get(at).wants(t, 200, "restored the ticket", "a.txt")
	staff.get("/admin/trash").wants(t, 200, "The trash is empty")
}

func TestFormsOfOtherTicketsAreNotFound(t *testing.T) {
	a := newApp(t)
	at := a.customer("Ana").opened(aForm("k"), file{"attachment", "a.txt", "one"})
	ben, visitor := a.customer("Ben"), a.visitor()
	for _, path := range []string{"/edit", "/delete"} {
		ben.get(at+path).wants(t, 404).lacks(t, "No light")
		visitor.get(at+path).wants(t, 303)
	}
	ben.upload(at, aForm("x"), []file{{"attachment", "b.txt", "mine"}}).wants(t, 404)
	ben.post(at+"/delete", nil).wants(t, 404)
	for _, odd := range []string{"0", "-1", "x", "01", "99999999999999999999", "1%00"} {
		ben.get("/tickets/"+odd+"/edit").wants(t, 404)
		ben.get("/tickets/"+odd+"/delete").wants(t, 404)
	}
	var n int
	if err := a.pool.QueryRow(t.Context(), "select count(*) from attachments where user_id = $1", ben.id).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d files of another user were kept, %v", n, err)
	}
}

func TestTooManyTicketsAreRefusedWithTheTimeToRetry(t *testing.T) {
	a := newApp(t, func(o *desk.Options) { o.Limits = limit.Limits{Tickets: limit.Limit{N: 1, Per: 3600e9}} })
	c := a.customer("Ana")
	c.opened(aForm("1"))
	got := c.post("/tickets", aForm("2")).wants(t, 429)
	if got.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	got.wantsValues(t, map[string]string{"#subject": "No light"})
	if text := got.text("form .notice"); !strings.Contains(text, "Too many attempts") {
		t.Errorf(`the text of form .notice is %q, want it with "Too many attempts"`, text)
	}
}
