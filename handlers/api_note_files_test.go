package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
)

func TestAProgramAddsANoteWithAFileAndListsItsFiles(t *testing.T) {
	a := newApp(t)
	ana, agent := a.customer("Ana").program(), a.agent("Agent").program()
	path := fmt.Sprintf("/tickets/%d", ana.send("POST", "/tickets", invoice).wants(201).number("id"))
	note := agent.upload("POST", path+"/notes", map[string]string{"text": "See the file."}, map[string]string{"attachment": "the contents"}).wants(201)
	file, _ := note.get("files.0.url").(string)
	note.wantsValues(obj{"text": "See the file.", "files.0.size": float64(len("the contents")), "files.1": nil})
	agent.send("GET", path+"/notes", nil).wants(200).wantsValues(obj{"0.files.0.url": file, "0.files.0.name": note.get("files.0.name")})
	if got := agent.send("GET", file, nil).wants(200); string(got.body) != "the contents" {
		t.Errorf("the file is %q", got.body)
	}
	ana.send("GET", file, nil).wants(http.StatusNotFound)
	ana.upload("POST", path+"/notes", map[string]string{"text": "Mine."}, map[string]string{"attachment": "x"}).wants(http.StatusForbidden)
	if n := a.count("select count(*) from attachments"); n != 1 {
		t.Errorf("%d files are stored, want 1", n)
	}
	agent.send("DELETE", fmt.Sprintf("%s/notes/%d", path, note.number("seq")), nil).wants(204)
	agent.send("GET", path+"/notes", nil).wants(200).wantsValues(obj{"0.text": "", "0.files.0": nil})
}

func TestANoteWithAFileThatIsSentTwiceUnderOneKeyIsStoredOnce(t *testing.T) {
	a := newApp(t)
	ana, agent := a.customer("Ana").program(), a.agent("Agent").program()
	path := fmt.Sprintf("/tickets/%d/notes", ana.send("POST", "/tickets", invoice).wants(201).number("id"))
	var files []any
	for range 2 {
		got := agent.upload("POST", path, map[string]string{"text": "See the file."}, map[string]string{"attachment": "the contents"}, "Idempotency-Key", "a key").wants(201)
		files = append(files, got.get("files.0.url"))
	}
	if files[0] == nil {
		t.Error("files[0] is nil")
	}
	if files[0] != files[1] {
		t.Errorf("files[0] is %v, want %v", files[0], files[1])
	}
	if n := a.count("select count(*) from ticket_events where kind = 'note'"); n != 1 {
		t.Errorf("%d notes are stored, want 1", n)
	}
}

func TestAProgramAddsACommentWithAFile(t *testing.T) {
	a := newApp(t)
	ana, ben := a.customer("Ana").program(), a.customer("Ben").program()
	path := fmt.Sprintf("/tickets/%d/comments", ana.send("POST", "/tickets", invoice).wants(201).number("id"))
	comment := ana.upload("POST", path, map[string]string{"text": "See the file."}, map[string]string{"attachment": "the contents"}).wants(201)
	file, _ := comment.get("files.0.url").(string)
	if got := ana.send("GET", file, nil).wants(200); string(got.body) != "the contents" {
		t.Errorf("the file is %q", got.body)
	}
	ben.send("GET", file, nil).wants(http.StatusNotFound)
	ben.upload("POST", path, map[string]string{"text": "Not his."}, map[string]string{"attachment": "x"}).wants(http.StatusForbidden)
	ana.upload("POST", path, map[string]string{"text": ""}, map[string]string{"attachment": "x"}).wants(http.StatusBadRequest)
	if n := a.count("select count(*) from attachments"); n != 1 {
		t.Errorf("%d files are stored, want 1", n)
	}
}

func TestTheCommentsOfTheAPIHaveTheirFiles(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	at := fmt.Sprintf("/tickets/%d/comments", id)
	ana.upload(at, url.Values{"text": {"Without a file"}}, nil).wants(t, http.StatusSeeOther)
	ana.upload(at, url.Values{"text": {"With two"}, "submission_id": {"a-key-of-the-test"}}, []file{{"attachment", "a.txt", "one"}, {"attachment", "b.txt", "three"}}).wants(t, http.StatusSeeOther)
	ana.program().send("GET", at, nil).wants(200).wantsValues(obj{"0.files.0": nil, "1.files.0.name": "a.txt", "1.files.1.name": "b.txt", "1.files.1.size": 5.0, "1.files.2": nil})
}
