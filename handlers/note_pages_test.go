package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestTheFormOfANoteKeepsWhatWasTypedAndNeverBecomesAReply(t *testing.T) {
	t.Parallel()
	w := newTwin(t, time.Now())
	got := w.priya.get(w.url("?compose=note")).wants(t, http.StatusOK)
	got.wantsElements(t, ".composer[data-kind=note][open]").lacksElements(t, ".composer:not([data-kind])[open]")
	if got := w.priya.get(w.url("")); got.has(".composer[data-kind=note][open]") {
		t.Error("the form of a note is open without being asked for")
	}
	got = w.priya.post(w.url("/notes"), url.Values{"text": {" "}}).wants(t, http.StatusUnprocessableEntity)
	if got.text("#note-text-error") == "" {
		t.Error("the error is not beside the field: the text of #note-text-error is empty")
	}
	if !got.has(".composer[data-kind=note][open]") {
		t.Error("the error is not beside the field: the page has no .composer[data-kind=note][open]")
	}
	if !got.has(`.error-summary a[href="#note-text"]`) {
		t.Error(`the error is not beside the field: the page has no .error-summary a[href="#note-text"]`)
	}
	got = w.priya.post(w.url("/notes"), url.Values{"text": {strings.Repeat("x", 20001)}}, htmx...).wants(t, http.StatusUnprocessableEntity)
	if text := got.text("#note-text-error"); text == "" {
		t.Error("htmx does not get the form with what was typed: the text of #note-text-error is empty")
	}
	if value := len(got.value("#note-text")); value != 20001 {
		t.Errorf("htmx does not get the form with what was typed: got %d bytes, want 20001", value)
	}
	got = w.priya.follow(w.priya.post(w.url("/notes"), url.Values{"text": {"@Ana and @Tom"}}))
	flash := got.text("#flash")
	if !strings.Contains(flash, "@Ana was not notified") {
		t.Errorf(`the flash is %q, want it with "@Ana was not notified"`, flash)
	}
	if strings.Contains(flash, "@Tom") {
		t.Errorf(`the flash is %q, want it without "@Tom"`, flash)
	}

	w.exec("update sessions set expires_at = $2 where user_id = $1", w.priya.id, w.app.desk.Now().Add(-time.Second))
	w.priya.post(w.url("/notes"), url.Values{"text": {"A secret that took long."}, "kind": {"note"}}).wants(t, http.StatusSeeOther)
	w.priya.signIn()
	got = w.priya.get(w.url("")).wants(t, http.StatusOK)
	note, reply := got.value("#note-text"), got.value("#text")
	if note != "A secret that took long." {
		t.Errorf(`the note is %q, want "A secret that took long."`, note)
	}
	if reply != "" {
		t.Errorf(`the reply is %q, want ""`, reply)
	}
}

func TestAnAuthorDeletesANoteOnThePageForTenMinutes(t *testing.T) {
	t.Parallel()
	w := newTwin(t, time.Now())
	got := w.priya.follow(w.priya.upload(w.url("/notes"), url.Values{"text": {"A secret."}}, []file{{"attachment", "s.txt", "secret"}}))
	name := got.doc.Find("[data-kind=note] .file").AttrOr("href", "")
	w.tom.get(name).wants(t, http.StatusOK)
	w.ana.get(name).wants(t, http.StatusNotFound)
	if w.tom.get(w.url("")).has(".note-deletion") {
		t.Error("a colleague is offered the deletion")
	}
	action := got.doc.Find(".note-deletion form").AttrOr("action", "")
	got = w.priya.follow(w.priya.post(action, nil))
	got.lacks(t, "A secret.", "s.txt")
	if !strings.Contains(got.text("#timeline"), "Priya wrote an internal note and deleted it") {
		t.Errorf("the timeline is %q", got.text("#timeline"))
	}
	w.tom.get(name).wants(t, http.StatusNotFound)
}

func TestAnAuthorIsToldWhichNamesANoteDoesNotMention(t *testing.T) {
	t.Parallel()
	w := newTwin(t, time.Now())
	text := "@Carla and @carla, "
	for i := range 28 {
		text += fmt.Sprintf("@Tom %d, ", i)
	}
	text += "@Zed"
	flash := w.priya.follow(w.priya.post(w.url("/notes"), url.Values{"text": {text}})).text("#flash")
	if got := strings.Count(flash, "arla was not notified"); got != 1 {
		t.Errorf("got %d times \"arla was not notified\", want 1", got)
	}
	if !strings.Contains(flash, "Zed") {
		t.Errorf(`the flash is %q, want it with "Zed"`, flash)
	}
	if !strings.Contains(flash, "not looked up: a note can mention at most 30") {
		t.Errorf(`the flash is %q, want it with "not looked up: a note can mention at most 30"`, flash)
	}
	got := w.priya.program().send(http.MethodPost, w.url("/notes"), obj{"text": text})
	want := `"unmentioned":[{"name":"Carla","reason":"unknown"},{"name":"Zed","reason":"beyond"}]`
	got.wants(http.StatusCreated)
	if !strings.Contains(string(got.body), want) {
		t.Errorf("the body is %s, want it with %q", string(got.body), want)
	}
	if got := w.priya.program().send(http.MethodPost, w.url("/notes"), obj{"text": "@Tom"}); !strings.Contains(string(got.body), `"unmentioned":[]`) {
		t.Errorf("a note that mentions all: %s", got.body)
	}
}
