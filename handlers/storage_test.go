package handlers

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"frontdesk/handlers/api"
	"frontdesk/internal/blob"
	"frontdesk/internal/desk"
)

// diskErrors has errors of the file system, with the status of the answer.
var diskErrors = map[syscall.Errno]int{
	syscall.ENOSPC: 507, syscall.EDQUOT: 507, syscall.EROFS: 503, syscall.EIO: 503, syscall.EMFILE: 503, syscall.ENFILE: 503,
	syscall.EACCES: 503, syscall.EPERM: 503, syscall.ESTALE: 503, syscall.ENOENT: 503, syscall.ENOTDIR: 503, syscall.EFBIG: 503, syscall.ENODEV: 503,
}

func TestAFormIsKeptIfItsFileCannotBeStored(t *testing.T) {
	a, files, log := newFailingApp(t)
	c := a.customer("Ana")
	at := c.opened(aForm("first"))
	for errno, status := range diskErrors {
		files.fails(errno, false)
		form := aForm("k " + errno.Error())
		form.Set("subject", "Subject for "+errno.Error())
		attached := []file{{"attachment", "a.txt", "one"}}
		log.since()
		got := c.upload("/tickets", form, attached).wants(t, status, "it is not your mistake")
		if got.value("[name=subject]") != form.Get("subject") {
			t.Errorf("%v: the subject is %q, want what was typed", errno, got.value("[name=subject]"))
		}
		if got.Header.Get("Retry-After") == "" {
			t.Errorf("%v: the answer has no time to retry", errno)
		}
		text := log.since()
		if !strings.Contains(text, "storage failed") {
			t.Errorf(`%v: the log is %q, want it with "storage failed"`, errno, text)
		}
		if !strings.Contains(text, "/srv/uploads") {
			t.Errorf(`%v: the log is %q, want it with "/srv/uploads"`, errno, text)
		}
		if !strings.Contains(text, errno.Error()) {
			t.Errorf("%v: the log is %q, want it with %q", errno, text, errno.Error())
		}
		comment := form
		comment.Set("text", "Text for "+errno.Error())
		if got := c.upload(at+"/comments", comment, attached).wants(t, status); got.value(".composer [name=text]") != comment.Get("text") {
			t.Errorf("%v: the comment is %q, want what was typed", errno, got.value(".composer [name=text]"))
		}
		if got := c.upload(at+"/comments", comment, attached, htmx...).wants(t, status); strings.Contains(got.body, "<form") {
			t.Errorf("%v: htmx would remove the form from the page", errno)
		}
		files.fails(nil, false)
		c.upload("/tickets", form, attached).wants(t, 303)
	}
	if n := a.count("select count(*) from attachments"); n != len(diskErrors) {
		t.Errorf("%d files, want one for each form that was sent again", n)
	}
}

func TestAnAPIClientGetsAnErrorIfItsFileCannotBeStored(t *testing.T) {
	a, files, _ := newFailingApp(t)
	c := a.customer("Ana")
	p := c.program()
	one := fmt.Sprintf("/tickets/%d", p.send("POST", "/tickets", invoice).wants(201).number("id"))
	fields := map[string]string{"subject": "S", "description": "D"}
	for errno, status := range diskErrors {
		files.fails(errno, false)
		for what, got := range map[string]reply{
			"a ticket":      p.upload("POST", "/tickets", fields, map[string]string{"attachment": "one"}, api.HeaderKey, errno.Error()),
			"an attachment": p.upload("POST", one+"/attachment", nil, map[string]string{"file": "one"}, api.HeaderKey, errno.Error()+" 2"),
		} {
			got.wants(status)
			if value := got.Header.Get("Retry-After"); value == "" {
				t.Errorf("%v: %s: Retry-After is empty", errno, what)
			}
			if value := got.get("error"); value == nil {
				t.Errorf("%v: %s: error is nil", errno, what)
			}
		}
		got := c.staged("a.txt", "one")
		got.wants(t, status)
		if value := got.uploaded(t).Error; value == "" {
			t.Errorf("%v: the error is empty", errno)
		}
		files.fails(nil, false)
		p.upload("POST", "/tickets", fields, map[string]string{"attachment": "one"}, api.HeaderKey, errno.Error()).wants(201)
	}
}

func TestAFileThatCannotBeReadHasItsOwnError(t *testing.T) {
	a, files, log := newFailingApp(t)
	c := a.customer("Ana")
	name := c.staged("a.txt", "one").wants(t, 201).uploaded(t).Name
	for _, errno := range []syscall.Errno{syscall.EIO, syscall.EMFILE, syscall.EACCES, syscall.ESTALE, syscall.ENOTDIR} {
		for _, reads := range []bool{false, true} {
			files.fails(errno, reads)
			if got := c.get("/uploads/"+name).wants(t, 503, "Files are not available"); got.Header.Get("Content-Disposition") != "" {
				t.Errorf("%v: the failure is sent as a file", errno)
			}
		}
	}
	files.fails(fs.ErrNotExist, false)
	log.since()
	c.get("/uploads/"+name).wants(t, 500, "This file cannot be read", "Tell us the reference")
	if text := log.since(); !strings.Contains(text, name) {
		t.Errorf("the log does not name the file %s: %s", name, text)
	}
	files.fails(nil, false)
	if got := c.get("/uploads/"+name).wants(t, 200); got.body != "one" {
		t.Errorf("read %q, want %q", got.body, "one")
	}
}

func TestAnIncompleteStoredFileHasItsOwnError(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	form := part(subject, "S")
	got := c.send("POST", "/uploads", strings.NewReader(form+"--b\r\n"+attached+"\r\n\r\nha"), append([]string{"Content-Type", parts}, asJSON...)...).wants(t, 400, "A file did not arrive whole")
	if !strings.Contains(got.body, `"name":"broken_file"`) {
		t.Errorf("the answer to a script has no separate error: %s", got.body)
	}
	c.send("POST", "/uploads", strings.NewReader(form), append([]string{"Content-Type", parts}, asJSON...)...).wants(t, 400, "The form did not arrive whole").lacks(t, "broken_file")
	c.staged("folder", "").wants(t, 422, "folder is empty", "choose the files in it")
}

// breaks makes every insert into a table fail with a SQLSTATE, until mend is called.
func (a *app) breaks(table, code string) (mend func()) {
	a.exec(fmt.Sprintf("create or replace function breaks() returns trigger language plpgsql as $$ begin raise exception 'could not extend file' using errcode = '%s'; end $$", code))
	a.exec("create trigger breaks before insert on " + table + " for each row execute function breaks()")
	return func() { a.exec("drop trigger breaks on " + table) }
}

func TestAFormIsKeptIfTheDatabaseCannotStoreIt(t *testing.T) {
	a, log := newLoggedApp(t, unlimited)
	c := a.customer("Ana")
	p := c.program()
	at := c.opened(aForm("first"))
	for code, want := range map[string]struct {
		status int
		kept   bool
	}{
		"53100": {507, true}, "25006": {503, true}, "53200": {503, false}, "53400": {503, false}, "53300": {503, false}, "58030": {503, false}, "54000": {413, false}, "XX001": {500, false},
	} {
		log.since()
		mend := a.breaks("ticket_events", code)
		form := aForm("k " + code)
		form.Set("subject", "Subject "+code)
		form.Set("text", "Text "+code)
		for what, got := range map[string]page{
			"a ticket": c.post("/tickets", form), "a comment": c.post(at+"/comments", form), "a chat line": c.post(at+"/messages", form),
			"a ticket with a file": c.upload("/tickets", form, []file{{"attachment", "a.txt", "one"}}),
		} {
			if got.StatusCode != want.status {
				t.Errorf("%s: %s: got %d, want %d: %s", code, what, got.StatusCode, want.status, got.text("main"))
			}
			if want.kept && !strings.Contains(got.body, "Subject "+code) && !strings.Contains(got.body, "Text "+code) {
				t.Errorf("%s: %s is not shown again", code, what)
			}
			if want.status >= 503 && got.Header.Get("Retry-After") == "" {
				t.Errorf("%s: the answer to %s has no time to retry", code, what)
			}
		}
		if got := p.send("POST", "/tickets", invoice); got.StatusCode != want.status {
			t.Errorf("%s: an API client got %d, want %d: %s", code, got.StatusCode, want.status, got.body)
		}
		if text := log.since(); want.status >= 500 && !strings.Contains(text, code) {
			t.Errorf("%s: the log does not name the cause: %s", code, text)
		}
		mend()
	}
}

// The database may fail while a file is staged, although the form arrived completely.
func TestAStagingErrorIsNotReportedAsABadBody(t *testing.T) {
	a, _ := newLoggedApp(t)
	c := a.customer("Ana")
	a.exec("create function breaks() returns trigger language plpgsql as $$ begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$")
	a.exec("create trigger breaks before insert on attachments for each row execute function breaks()")
	c.upload("/tickets", aForm("k"), []file{{"attachment", "a.txt", "one"}}).wants(t, 503)
	c.staged("a.txt", "one").wants(t, 503)
	p := c.program()
	p.upload("POST", "/tickets", map[string]string{"subject": "S", "description": "D"}, map[string]string{"attachment": "one"}).wants(503)
}

func TestAReadOnlyDatabaseStillServesPages(t *testing.T) {
	a, _ := newLoggedApp(t)
	c := a.customer("Ana")
	p := c.program()
	at := c.opened(aForm("first"))
	var name string
	if err := a.pool.QueryRow(t.Context(), "select current_database()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	a.exec("update sessions set seen_at = now() - interval '1 hour'")
	a.exec("update users set seen_at = null")
	a.exec("alter database " + name + " set default_transaction_read_only = on")
	a.pool.Reset()
	for _, path := range []string{"/tickets", at, "/account", "/tickets/new"} {
		c.get(path).wants(t, 200)
	}
	p.send("GET", "/tickets", nil).wants(200)
	form := aForm("k")
	form.Set("text", "Kept text")
	c.post("/tickets", form).wants(t, 503, "can be saved right now", form.Get("subject"))
	c.post(at+"/comments", form).wants(t, 503, "Kept text")
	c.upload("/tickets", form, []file{{"attachment", "a.txt", "one"}}).wants(t, 503, form.Get("subject"))
	got := p.send("POST", "/tickets", invoice)
	got.wants(503)
	if value := got.Header.Get("Retry-After"); value == "" {
		t.Error("Retry-After is empty")
	}
	a.visitor().post("/login", map[string][]string{"email": {c.email()}, "password": {password}}).wants(t, 503)
}

// The same with a real disk that is full, and with a read-only folder.
func TestARealDiskThatIsFullOrReadOnlyKeepsTheForm(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	a, log := newLoggedApp(t, unlimited, func(o *desk.Options) {
		var err error
		if o.Blobs, err = blob.OpenFolder(dir); err != nil {
			t.Fatal(err)
		}
	})
	c := a.customer("Ana")
	c.upload("/tickets", aForm("k"), []file{{"attachment", "a.bin", strings.Repeat("x", 2<<20)}}).wants(t, 507, aForm("k").Get("subject"))
	if left, err := filepath.Glob(filepath.Join(dir, "*", "*")); err != nil || len(left) != 0 {
		t.Errorf("%v are left, %v", left, err)
	}
	c.upload("/tickets", aForm("k"), []file{{"attachment", "a.bin", "one"}}).wants(t, 303)
	if err := syscall.Mount("none", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skip(err)
	}
	log.since()
	c.upload("/tickets", aForm("l"), []file{{"attachment", "b.bin", "two"}}).wants(t, 503, aForm("l").Get("subject"))
	text := log.since()
	if !strings.Contains(text, dir) {
		t.Errorf("the log is %q, want it with %q", text, dir)
	}
	if !strings.Contains(text, "read-only file system") {
		t.Errorf(`the log is %q, want it with "read-only file system"`, text)
	}
}
